import type { PreflightCheck } from '../../domain/preflight.ts';
import type { StepDeps } from '../deps.ts';
import { attempt, failed, passed, warned } from './checks.ts';

/** One replica that is away is a failure only where all have to have the targets. */
export async function checkPrometheus(
  { publication: { replicas, required } }: StepDeps,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  const checks = await Promise.all(
    replicas.map(async ({ name, prometheus }) => {
      const check = `Prometheus ${name}`;
      return await attempt(check, async () => {
        const { reloadConfigSuccess } = await prometheus.getRuntimeInfo(signal);
        if (reloadConfigSuccess) return passed(check, 'it answers, and its configuration is in force');
        const cure = 'look into its log, and correct its configuration';
        return warned(check, 'its last reload failed, it goes on with an older one', cure);
      });
    }),
  );
  const all = checks.flat();
  if (required === 'all' || all.every(({ status }) => status === 'fail')) return all;
  return all.map((one) => (one.status === 'fail' ? { ...one, status: 'warn' } : one));
}

/** Whether the targets can be written where Prometheus is to read them, and are nobody else's. */
export async function checkTargets(
  { publication: { replicas } }: StepDeps,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  const publishers = [...new Set(replicas.map(({ publisher }) => publisher))];
  const checks = await Promise.all(
    publishers.map(async (publisher) => {
      const check = `targets at ${publisher.place}`;
      return await attempt(check, async () => {
        const found = await publisher.check(signal);
        await publisher.tryWriting(signal);
        return passed(
          check,
          `${found === 'present' ? 'they are ours' : 'there are none yet'}, and may be written`,
        );
      });
    }),
  );
  return checks.flat();
}

/** Whether each member of the cluster answers, and takes silences of this account. */
export async function checkAlertmanager(
  { alertmanager }: StepDeps,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  const members = await alertmanager.listSilencesOfMembers({}, signal);
  const rights = new Map(
    (await alertmanager.trySilencing(signal)).map(({ member, failure }) => [member, failure]),
  );
  return members.map(({ member, failure }) => {
    const check = `Alertmanager ${member}`;
    if (failure !== undefined)
      return warned(check, failure.message, 'cure it: silences are only asked of members that answer');
    const refusal = rights.get(member);
    if (refusal === undefined) return passed(check, 'it answers, and its silences can be read and made');
    return failed(check, refusal.message, 'let this account POST to /api/v2/silences');
  });
}
