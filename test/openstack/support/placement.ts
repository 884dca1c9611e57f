import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Session } from '../../scenario/api.ts';

const PLACEMENT = 'http://127.0.0.1:18778';
const RESOURCE = 'MEMORY_MB';

const inventoriesAnswer = z.object({
  inventories: z.object({
    [RESOURCE]: z.object({
      total: z.number(),
      reserved: z.number(),
      allocation_ratio: z.number(),
      max_unit: z.number(),
    }),
  }),
});
const usagesAnswer = z.object({ usages: z.object({ [RESOURCE]: z.number() }) });

/** The memory of hypervisors, taken up in Placement as other tenants' servers would. */
export class Filler {
  readonly #admin: Session;
  readonly #consumers = new Map<string, readonly string[]>();

  constructor(admin: Session) {
    this.#admin = admin;
  }

  /** Allocates all memory that is left at a hypervisor (its id is that of its resource provider). */
  async fill(hypervisorId: string): Promise<void> {
    const provider = `${PLACEMENT}/resource_providers/${hypervisorId}`;
    const answers = await Promise.all([
      this.#admin.call('GET', `${provider}/inventories`),
      this.#admin.call('GET', `${provider}/usages`),
    ]);
    const { total, reserved, allocation_ratio, max_unit } = inventoriesAnswer.parse(answers[0]).inventories[
      RESOURCE
    ];
    const capacity = Math.floor((total - reserved) * allocation_ratio);
    const consumers: string[] = [];
    // One consumer may not have more than the machine has, though all together may.
    for (let left = capacity - usagesAnswer.parse(answers[1]).usages[RESOURCE]; left > 0; left -= max_unit) {
      const consumer = randomUUID();
      consumers.push(consumer);
      await this.#admin.call('PUT', `${PLACEMENT}/allocations/${consumer}`, {
        allocations: { [hypervisorId]: { resources: { [RESOURCE]: Math.min(left, max_unit) } } },
        project_id: 'others',
        user_id: 'others',
        consumer_generation: null,
      });
    }
    this.#consumers.set(hypervisorId, consumers);
  }

  /** Gives back what {@link fill} took. */
  async empty(hypervisorId: string): Promise<void> {
    for (const consumer of this.#consumers.get(hypervisorId) ?? [])
      await this.#admin.call('DELETE', `${PLACEMENT}/allocations/${consumer}`);
    this.#consumers.delete(hypervisorId);
  }
}
