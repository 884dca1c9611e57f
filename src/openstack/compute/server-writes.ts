import { randomUUID } from 'node:crypto';
import { OpenStackError } from '../error.ts';
import { absentAs } from './absent.ts';
import type { ComputeClient } from './client.ts';
import { createdServerSchema, renderCreateServer, renderPinning } from './create-server.ts';
import { SERVERS } from './microversions.ts';
import type { ServiceClient } from '../service-client.ts';

/** The calls that change servers. */
export function createServerWrites(nova: ServiceClient) {
  async function act(purpose: string, id: string, action: object, signal?: AbortSignal): Promise<void> {
    const route = '/servers/{id}/action';
    await nova.send({ purpose, method: 'POST', route, params: { id }, json: action }, signal);
  }

  return {
    async createServer(request, signal) {
      const reply = await nova.send(
        {
          purpose: 'create server',
          method: 'POST',
          route: '/servers',
          json: renderCreateServer(request),
          microversion: SERVERS,
        },
        signal,
      );
      return { id: reply.parse(createdServerSchema).server.id };
    },
    async tryPinning(pinning, signal) {
      const flavorId = randomUUID();
      const server = { name: 'innervisor-preflight', flavorRef: flavorId, imageRef: randomUUID() };
      try {
        await nova.send(
          {
            purpose: 'try whether servers may be pinned',
            method: 'POST',
            route: '/servers',
            json: { server: { ...server, networks: 'none', ...renderPinning(pinning) } },
            microversion: SERVERS,
          },
          signal,
        );
      } catch (error) {
        // Nova came as far as the flavor, so that the right to pin, at which it looks before, is there.
        if (
          error instanceof OpenStackError &&
          error.code === 'badRequest' &&
          error.message.includes(flavorId)
        )
          return;
        throw error;
      }
    },
    async deleteServer(id, signal) {
      return absentAs('absent' as const, async () => {
        await nova.send(
          { purpose: 'delete server', method: 'DELETE', route: '/servers/{id}', params: { id } },
          signal,
        );
        return 'accepted' as const;
      });
    },
    async forceDeleteServer(id, signal) {
      return absentAs('absent' as const, async () => {
        await act('delete server for good', id, { forceDelete: null }, signal);
        return 'accepted' as const;
      });
    },
    async rebootServer(id, signal) {
      await act('reboot server', id, { reboot: { type: 'HARD' } }, signal);
    },
    async setServerMetadata(id, metadata, signal) {
      // POST adds and overwrites single keys; PUT would replace all of them.
      await nova.send(
        {
          purpose: 'set metadata of server',
          method: 'POST',
          route: '/servers/{id}/metadata',
          params: { id },
          json: { metadata },
        },
        signal,
      );
    },
    async deleteServerMetadata(id, key, signal) {
      const call = {
        purpose: 'delete metadata of server',
        method: 'DELETE',
        route: '/servers/{id}/metadata/{key}',
        params: { id, key },
      } as const;
      await absentAs(undefined, async () => {
        await nova.send(call, signal);
        return undefined;
      });
    },
  } satisfies Partial<ComputeClient>;
}
