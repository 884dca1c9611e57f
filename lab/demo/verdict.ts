import type { PassSummary } from './pass.ts';

/** Why a first pass over an empty region did not do what it should; empty when it did. */
export function checkFirstPass(pass: PassSummary): readonly string[] {
  return [
    ...checkSound(pass),
    ...expectEqual('created', pass.created, pass.selected),
    ...expectEqual('verified', pass.verified, pass.selected),
  ];
}

/** Why a pass with nothing to do did not do what it should; empty when it changed nothing. */
export function checkSecondPass(pass: PassSummary): readonly string[] {
  return [
    ...checkSound(pass),
    ...expectEqual('created', pass.created, 0),
    ...expectEqual('replaced', pass.replaced, 0),
    ...expectEqual('deleted', pass.deleted, 0),
    ...expectEqual('writing requests', pass.writes, 0),
    ...expectEqual('kept', pass.kept, pass.selected),
  ];
}

function checkSound(pass: PassSummary): readonly string[] {
  return [
    ...(pass.outcome === 'converged' ? [] : [`the outcome is ${pass.outcome}, not converged`]),
    ...expectEqual('failed', pass.failed, 0),
  ];
}

function expectEqual(what: string, found: number, wanted: number): readonly string[] {
  return found === wanted ? [] : [`${what}: ${found}, not ${wanted}`];
}
