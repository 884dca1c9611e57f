import { Refusal, textOf } from '../http/call.ts';
import { isAdmin, type Caller } from '../keystone/caller.ts';

const WRAPPERS: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  409: 'conflictingRequest',
};

/** An error as Nova writes it. */
export function novaError(status: number, message: string): Refusal {
  return new Refusal({
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: { [WRAPPERS[status] ?? 'computeFault']: { code: status, message } },
  });
}

/** Nova's 500, with the class of the exception that nobody had foreseen. */
export function unexpected(exception: string): Refusal {
  return novaError(
    500,
    `Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.\n<class '${exception}'>`,
  );
}

/** @throws Refusal for a caller who isn't an administrator, naming the policy. */
export function requireAdmin(caller: Caller, policy: string): void {
  if (!isAdmin(caller)) throw novaError(403, `Policy doesn't allow ${policy} to be performed.`);
}

/** A server that there isn't, or not for this caller. */
export function noServer(id: string): Refusal {
  return novaError(404, `Instance ${id} could not be found.`);
}

/** A value as Python prints it, for the messages of Nova's schema checks. */
export function toPython(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(toPython).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, item]) => `'${key}': ${toPython(item)}`)
      .join(', ')}}`;
  }
  return textOf(value);
}
