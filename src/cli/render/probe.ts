import type { Boot } from '../../domain/boot.ts';
import type { HypervisorFailure } from '../../domain/failure.ts';
import type { PlanLine } from '../../domain/pass.ts';
import type { CheckResult } from '../../domain/verification.ts';
import type { ShownProbe } from '../published/probes.ts';
import type { LastPass } from '../status/read.ts';
import type { Paint } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';
import { renderExporters } from './published.ts';
import { renderFailures } from './report.ts';

/** One probe with what the last pass did and found about its hypervisor. */
export interface ProbeDetails extends ShownProbe {
  readonly region: string;
  readonly lastPass:
    | (Pick<LastPass, 'outcome' | 'endedAt'> & {
        readonly changes: readonly PlanLine[];
        readonly failures: readonly HypervisorFailure[];
        readonly failedChecks: readonly CheckResult[];
        /** How it came up, if that pass made it and it was among the slowest. */
        readonly boot: Boot | null;
      })
    | null;
}

/** A probe for people. */
export function renderProbe(raw: ProbeDetails, paint: Paint): string {
  const probe = printableValue(raw);
  const { lastPass } = probe;
  return [
    paint('strong', probe.name ?? probe.probeId),
    `  region:     ${probe.region}`,
    `  hypervisor: ${probe.hypervisor}`,
    `  zone:       ${probe.availabilityZone ?? 'none'}`,
    `  id:         ${probe.probeId}`,
    `  server:     ${probe.serverId ?? 'not in the list of peers'}`,
    `  address:    ${probe.address ?? 'not in the list of peers'}`,
    `  answers:    ${renderExporters(probe, paint)}`,
    ...probe.exporters
      .filter(({ lastError }) => lastError !== '')
      .map(({ exporter, lastError }) => paint('bad', `              ${exporter}: ${lastError}`)),
    ...(lastPass === null
      ? ['  last pass:  none is known, dry runs aside']
      : renderLastPass(lastPass, raw.lastPass, paint)),
  ].join('\n');
}

/** @param raw The same as it is, for {@link renderFailures}. */
function renderLastPass(
  last: NonNullable<ProbeDetails['lastPass']>,
  raw: ProbeDetails['lastPass'],
  paint: Paint,
): readonly string[] {
  const { outcome, endedAt, changes, boot } = last;
  return [
    `  last pass:  ${outcome} at ${endedAt}`,
    ...changes.map(({ action, reason }) => `              ${action}: ${reason}`),
    ...(boot === null
      ? []
      : [
          `              slow to come up: active after ${boot.activeSeconds ?? '?'} s, answering after ${boot.answerSeconds ?? '?'} s`,
        ]),
    ...(raw === null ? [] : renderFailures(raw, paint)).map((line) => `            ${line}`),
  ];
}
