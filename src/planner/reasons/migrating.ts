import type { Drift, DriftContext } from './drift.ts';

/** On its way between hypervisors: where it belongs is known only once it has arrived. */
export function migrating({ probe }: DriftContext): Drift | undefined {
  if (probe.phase !== 'migrating') return undefined;
  return { remedy: 'wait', reason: { code: 'migrating', text: 'Nova is moving, resizing or rebuilding it' } };
}
