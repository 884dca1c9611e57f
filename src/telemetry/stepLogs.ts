import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { z } from 'zod';

const FAILURES_MAX = 50;

const Input = z.object({ region: z.string(), pass: z.string() });
const Failed = z.object({ probeId: z.string(), hypervisor: z.string(), message: z.string() });
const Result = z.object({
  failures: z.array(Failed.extend({ step: z.string(), kind: z.string() })).catch([]),
  failedChecks: z
    .array(Failed.omit({ message: true }).extend({ check: z.string(), detail: z.string() }))
    .catch([]),
});

/** One attempt of a step, at its end. */
export interface EndedStep {
  readonly region: string;
  readonly step: string;
  readonly result: 'done' | 'failed' | 'cancelled';
}

/**
 * Has every line that is logged in a step say region and pass, and logs the end of each attempt, and each probe about
 * which a step failed while it went on with the others.
 */
export function createStepLogs(ended: (step: EndedStep) => void): ActivityInterceptorsFactory {
  return (context) => {
    let base: z.output<typeof Input> | undefined;
    return {
      inbound: {
        async execute(input, next) {
          base = Input.safeParse(input.args[0]).data;
          const startedMs = performance.now();
          const tell = (result: EndedStep['result']): void =>
            ended({ region: base?.region ?? 'unknown', step: context.info.activityType, result });
          try {
            const output: unknown = await next(input);
            tell('done');
            const durationMs = Math.round(performance.now() - startedMs);
            context.log.info(`${context.info.activityType} done`, { durationMs });
            logFailures(output, (message, fields) => {
              context.log.warn(message, fields);
            });
            return output;
          } catch (error) {
            // The SDK logs the failure itself.
            tell(context.cancellationSignal.aborted ? 'cancelled' : 'failed');
            throw error;
          }
        },
      },
      outbound: {
        getLogAttributes: (input, next) => next({ ...input, ...base }),
      },
    };
  };
}

function logFailures(
  output: unknown,
  warn: (message: string, fields: Record<string, unknown>) => void,
): void {
  const result = Result.safeParse(output).data;
  for (const { message, step, ...fields } of result?.failures.slice(0, FAILURES_MAX) ?? [])
    warn(`${step} failed: ${message}`, fields);
  for (const { check, detail, ...fields } of result?.failedChecks.slice(0, FAILURES_MAX) ?? [])
    warn(`check ${check} failed: ${detail}`, fields);
}
