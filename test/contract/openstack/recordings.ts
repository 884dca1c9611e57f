import { readdirSync, readFileSync } from 'node:fs';

/** A request and an answer of a real OpenStack, as they were written down. */
export interface Recording {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

const RECORDINGS = new URL('../../fixtures/recordings/openstack/', import.meta.url);

/** Reads the recording of that name. */
export function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`${name}.json`, RECORDINGS), 'utf8')) as Recording;
}

/** The names of all recordings, sorted. */
export function listRecordings(): readonly string[] {
  return readdirSync(RECORDINGS)
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** The recorded body as the text that a service would send. */
export function bodyText(recording: Recording): string {
  const { body } = recording.response;
  if (body === null || body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}
