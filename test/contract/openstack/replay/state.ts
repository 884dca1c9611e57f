import type { Recording } from '../recordings.ts';
import type { Answer } from './answerDifferences.ts';

/** Fields that say where something stands on its way; a server's addresses and groups come late too. */
const STATE_FIELDS = [
  'status',
  'state',
  'host_status',
  'OS-EXT-STS:task_state',
  'OS-EXT-STS:vm_state',
  'OS-EXT-STS:power_state',
];

/** Whether the one thing that the answer shows (or the first of a list) has come where the recorded one was. */
export function isInState(recorded: Recording['response'], actual: Answer): boolean {
  if (recorded.status !== actual.status) return false;
  return stateOf(recorded.body) === stateOf(actual.body);
}

function stateOf(body: unknown): string {
  const [inner] = body === null ? [] : (Object.values(body as object) as unknown[]);
  const thing = (Array.isArray(inner) ? inner[0] : inner) as Readonly<Record<string, unknown>> | undefined;
  const parts = [
    Object.keys((thing?.['addresses'] as object | undefined) ?? {}),
    thing?.['security_groups'] !== undefined,
  ];
  return JSON.stringify([STATE_FIELDS.map((field) => thing?.[field] ?? null), ...parts]);
}
