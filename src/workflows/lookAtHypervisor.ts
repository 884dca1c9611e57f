import { ApplicationFailure } from '@temporalio/workflow';
import type { HypervisorLook } from '../domain/hypervisorLook.ts';
import type { HypervisorInput } from './contract.ts';
import { passId } from './progress.ts';
import { shortSteps } from './steps.ts';

/** Looks at one hypervisor and its probe; changes nothing, and may run beside a pass. */
export async function lookAtHypervisor(input: HypervisorInput): Promise<HypervisorLook> {
  const { region, hypervisor } = (typeof input === 'object' ? (input ?? {}) : {}) as Partial<HypervisorInput>;
  if (typeof region === 'string' && typeof hypervisor === 'string')
    return await shortSteps.lookAtHypervisor({ region, hypervisor, pass: passId() });
  const message =
    'input refused: region and hypervisor must be names; it looks like {"region":"luxembourg","hypervisor":"cmp003"}';
  throw ApplicationFailure.create({ type: 'invalidConfig', message, nonRetryable: true });
}
