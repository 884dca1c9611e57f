import { headerOf, type Answer, type RawCall } from '../http/call.ts';
import { novaError } from './errors.ts';

/** The newest that Zed has. */
const MAX_MINOR = 93;

/**
 * The minor number of the microversion that a request asks for; 1 when it asks for none.
 *
 * @throws Refusal 400 for what is no version, 406 for one that there isn't.
 */
export function negotiate(call: RawCall): number {
  const wanted = wantedVersion(call);
  if (wanted === null) return 1;
  if (wanted === 'latest') return MAX_MINOR;
  const match = /^(\d+)\.(\d+)$/.exec(wanted);
  if (match === null) {
    throw novaError(
      400,
      `API Version String ${wanted} is of invalid format. Must be of format MajorNum.MinorNum.`,
    );
  }
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major !== 2 || minor < 1 || minor > MAX_MINOR) {
    throw novaError(
      406,
      `Version ${wanted} is not supported by the API. Minimum is 2.1 and maximum is 2.${MAX_MINOR}.`,
    );
  }
  return minor;
}

/** Microversion and request id, as each answer carries them. */
export function decorate(answer: Answer, call: RawCall, version: string | null): Answer {
  const versions =
    version === null
      ? {}
      : {
          'openstack-api-version': `compute ${version}`,
          'x-openstack-nova-api-version': version,
          vary: 'X-OpenStack-Nova-API-Version',
        };
  const ids = { 'x-openstack-request-id': call.requestId, 'x-compute-request-id': call.requestId };
  return {
    ...answer,
    headers: { 'content-type': 'application/json', ...versions, ...ids, ...answer.headers },
  };
}

/** An answer before any route: only the 406 carries the version, the one that was asked for. */
export function decorateEarly(answer: Answer, call: RawCall): Answer {
  return decorate(answer, call, answer.status === 406 ? wantedVersion(call) : null);
}

function wantedVersion(call: RawCall): string | null {
  const modern = headerOf(call, 'openstack-api-version')
    .split(',')
    .map((part) => /^\s*compute\s+(\S+)\s*$/.exec(part)?.[1])
    .find((version) => version !== undefined);
  const version = modern ?? headerOf(call, 'x-openstack-nova-api-version');
  return version === '' ? null : version;
}
