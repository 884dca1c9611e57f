import { z } from 'zod';

import type { OpenStackErrorCode, OpenStackService, WriteEffect } from './error.ts';

/** What an answer of an error status says. */
export interface Fault {
  /** The key that wraps it, such as `itemNotFound`; Neutron's own type for `NeutronError`; `''` for none. */
  readonly kind: string;
  /** The service's own words, still with HTML, line ends and whatever it echoes. */
  readonly text: string;
}

const wrapperSchema = z.record(z.string(), z.object({ message: z.string(), type: z.string().optional() }));
const plainSchema = z.object({ message: z.string(), code: z.union([z.string(), z.number()]) });
const listSchema = z.object({ errors: z.tuple([z.object({ detail: z.string() })], z.unknown()) });

/**
 * Reads the error body of any service: `{badRequest: {message}}` (Nova), `{NeutronError: {type, message}}`,
 * `{error: {message}}` (Keystone and its middleware), `{message, code}` (Glance), `{errors: [{detail}]}`, or text of a proxy.
 */
export function readFault(body: string): Fault {
  const json = parseJson(body);
  const plain = plainSchema.safeParse(json);
  if (plain.success) return { kind: 'plain', text: plain.data.message };
  const list = listSchema.safeParse(json);
  if (list.success) return { kind: 'errors', text: list.data.errors[0].detail };
  const wrapper = wrapperSchema.safeParse(json);
  const [entry] = wrapper.success ? Object.entries(wrapper.data) : [];
  if (entry === undefined) return { kind: '', text: body };
  return { kind: entry[1].type ?? entry[0], text: entry[1].message };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Nova has one status for "you may not" and "you have no quota left", and tells them apart by its text only. */
const QUOTA_TEXT = /^(?:quota exceeded|maximum number of\b)/i;

/** The code for an answer of an error status. */
export function classifyFault(service: OpenStackService, status: number, fault: Fault): OpenStackErrorCode {
  if (status === 404) return isOwnNotFound(service, fault) ? 'notFound' : 'misconfigured';
  if (status === 403) return QUOTA_TEXT.test(fault.text) ? 'quotaExceeded' : 'forbidden';
  if (status === 409) return fault.kind === 'OverQuota' ? 'quotaExceeded' : 'conflict';
  if (status < 400) return 'misconfigured';
  return CODES[status] ?? (status < 500 ? 'badRequest' : 'unavailable');
}

const CODES: Readonly<Record<number, OpenStackErrorCode>> = {
  401: 'unauthenticated',
  406: 'unsupported',
  408: 'timeout',
  429: 'rateLimited',
  501: 'unsupported',
  504: 'timeout',
};

/** A 404 of a proxy or for a path that the service doesn't know says nothing about the resource. */
function isOwnNotFound(service: OpenStackService, fault: Fault): boolean {
  if (service === 'compute') return fault.kind === 'itemNotFound';
  if (service === 'image') return fault.kind === 'plain';
  return fault.kind !== '' && fault.kind !== 'plain';
}

/**
 * Whether a write that was answered with this error status may have happened all the same. 408, 502 and 504 come from
 * proxies that stopped waiting. Nova's 500 isn't safe either: it has stored the new server before it hands it to the
 * conductor, and answers 500 if that fails. 503 is said before the work begins.
 * @see https://opendev.org/openstack/nova/src/branch/master/nova/compute/api.py (`_create_instance`)
 */
export function effectOfStatus(status: number): WriteEffect {
  return status === 408 || (status >= 500 && status !== 501 && status !== 503) ? 'unknown' : 'none';
}

/** The longest pause that a service may ask for, in milliseconds. */
export const RETRY_AFTER_MS_MAX = 3_600_000;

/** Reads `Retry-After`, seconds or a date, into milliseconds from `nowMs`; `undefined` for none and for nonsense. */
export function parseRetryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX);
}
