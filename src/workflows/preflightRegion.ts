import type { PreflightReport } from '../domain/preflight.ts';
import { passId } from './progress.ts';
import { shortSteps } from './steps.ts';

/**
 * Looks whether a region is ready for a pass; changes nothing, and may run beside one. A region that doesn't exist is
 * refused by the worker, which names those that do.
 */
export async function preflightRegion(input?: { readonly region?: string }): Promise<PreflightReport> {
  return await shortSteps.preflight({ region: input?.region ?? '', pass: passId() });
}
