import { z } from 'zod';
import { answerDifferences, type Answer } from './answerDifferences.ts';
import type { CloudUnderTest, Who } from './cloudUnderTest.ts';
import { readLogins, type Logins } from './logins.ts';
import { createNormalText } from './normalText.ts';
import { isInState } from './state.ts';
import { Substitution } from './substitution.ts';
import { readRecording, type Recording } from '../recordings.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const ROUNDS_MAX = 300;
const server = z.object({ server: z.object({ status: z.string() }) });

/** How one recording is replayed. */
export interface ReplayOptions {
  /** Who asks, unless the recording has no token; `prober` by default. */
  readonly as?: Who;
  /** Tokens to send instead of the asker's own. */
  readonly token?: string;
  readonly subjectToken?: string;
  /** Replaces what the recorded query has under these names. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Replays recordings against one cloud and writes down how the answers differ from the recorded ones. */
export class Replayer {
  readonly cloud: CloudUnderTest;
  readonly logins: Logins;
  readonly names: Substitution;
  /** The differences of each recording replayed so far; none when it was answered as recorded. */
  readonly outcomes = new Map<string, readonly string[]>();
  readonly #normalText: (text: string) => string;

  constructor(cloud: CloudUnderTest) {
    this.cloud = cloud;
    this.logins = readLogins(cloud);
    this.names = new Substitution(cloud);
    this.#normalText = createNormalText(cloud);
  }

  /** Sends a recorded request once and compares the answer. */
  async replay(name: string, options: ReplayOptions = {}): Promise<Answer> {
    const recording = readRecording(name);
    return this.#settle(name, recording, await this.#send(recording, options));
  }

  /** Replays several recordings that don't need each other, in order. */
  async replayAll(names: readonly string[], options: ReplayOptions = {}): Promise<void> {
    for (const name of names) await this.replay(name, options);
  }

  /** Sends a recorded request until the cloud is in the recorded state, then compares the answer. */
  async awaitState(name: string, options: ReplayOptions = {}): Promise<Answer> {
    const recording = readRecording(name);
    let answer = await this.#send(recording, options);
    for (let round = 0; round < ROUNDS_MAX && !isInState(recording.response, answer); round += 1) {
      await this.cloud.passTime();
      answer = await this.#send(recording, options);
    }
    return this.#settle(name, recording, answer);
  }

  /** Waits until the server that stands for a recorded one has this status; compares nothing. */
  async awaitStatus(recordedId: string, status: string): Promise<void> {
    const url = `${this.cloud.origins.compute}/v2.1/servers/${this.names.id(recordedId)}`;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const { body } = await this.call('GET', url);
      if (server.safeParse(body).data?.server.status === status) return;
      await this.cloud.passTime();
    }
    throw new Error(`the server ${url} did not become ${status}`);
  }

  /** Deletes the server that stands for a recorded one, and waits until it is gone. */
  async deleteServer(recordedId: string): Promise<void> {
    const url = `${this.cloud.origins.compute}/v2.1/servers/${this.names.id(recordedId)}`;
    await this.call('DELETE', url);
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if ((await this.call('GET', url)).status === 404) return;
      await this.cloud.passTime();
    }
    throw new Error(`the server ${url} was not deleted`);
  }

  /** Any other request to the cloud, as an operator; for states that no recorded request brings about. */
  async call(method: string, url: string, body?: unknown, as: Who = 'admin'): Promise<Answer> {
    const headers = {
      'content-type': 'application/json',
      'openstack-api-version': 'compute 2.87',
      'x-auth-token': await this.logins.token(as),
    };
    return send(method, url, headers, body);
  }

  #settle(name: string, recording: Recording, answer: Answer): Answer {
    const differences = answerDifferences(recording.response, answer, {
      normalText: this.#normalText,
      exempt: Object.keys(this.cloud.exempt[name] ?? {}),
    });
    this.outcomes.set(name, [...(this.outcomes.get(name) ?? []), ...differences]);
    if (answer.status < 300) this.names.learn(recording.response.body, answer.body);
    return answer;
  }

  async #send({ request }: Recording, options: ReplayOptions): Promise<Answer> {
    const headers = { ...request.headers };
    if (headers['X-Auth-Token']?.startsWith('<') === true) {
      headers['X-Auth-Token'] = options.token ?? (await this.logins.token(options.as ?? 'prober'));
    }
    if (headers['X-Subject-Token']?.startsWith('<') === true) {
      headers['X-Subject-Token'] = options.subjectToken ?? '';
    }
    const body = request.body === null || request.body === undefined ? undefined : this.#fillIn(request.body);
    const url = new URL(this.names.text(request.url));
    for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, value);
    return send(request.method, url.href, headers, body);
  }

  /** The recordings hold words instead of secrets. */
  #fillIn(body: unknown): unknown {
    const text = JSON.stringify(this.names.body(body))
      .replace('<app-credential-secret>', this.logins.applicationCredential.secret)
      .replace('<password>', this.logins.password);
    return JSON.parse(text) as unknown;
  }
}

async function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
