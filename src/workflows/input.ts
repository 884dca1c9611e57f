import { ApplicationFailure } from '@temporalio/workflow';

const REGION_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

/** What is wrong with an input; `false` for what is right about it. */
export type Problems = readonly (string | false)[];

/** The keys of an input, of whatever type they are; none where it is no object. */
export function keysOf(input: unknown): Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
}

/** Whether it can be the name of a region; whether there is such a region, workers know. */
export function checkRegion(region: unknown): string | false {
  const isName = typeof region === 'string' && REGION_NAME.test(region);
  return !isName && 'region must be the name of a region of innervisor.yaml';
}

/** Switches are given as such or not at all. */
export function checkSwitches(switches: Readonly<Record<string, unknown>>): Problems {
  return Object.entries(switches).map(
    ([name, value]) => typeof value !== 'boolean' && `${name} must be true or false`,
  );
}

/** What nobody knows may be something that was meant to change what is done. */
export function checkUnknown(rest: object): Problems {
  return Object.keys(rest).map((key) => `${JSON.stringify(key)} is not known`);
}

/** People type inputs, so what is wrong with one is said instead of failing somewhere later. */
export function refuseProblems(problems: Problems, example: string): void {
  const found = problems.filter((problem) => problem !== false);
  if (found.length === 0) return;
  const message = `input refused: ${found.join('; ')}; it looks like ${example}`;
  throw ApplicationFailure.create({ type: 'invalidConfig', message, nonRetryable: true });
}
