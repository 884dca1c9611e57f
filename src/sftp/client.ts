import { describeFlaw, type Attempt } from './describe.ts';
import type { SftpError } from './error.ts';
import { parseHostKey } from './hostKey.ts';
import { readText } from './read.ts';
import { replaceText } from './replace.ts';
import { visit, type Place, type Session } from './session.ts';

/** Where files go, as whom, and how both sides are known to each other. */
export interface SftpOptions extends Omit<Place, 'hostKey'> {
  /** The host's key, `ssh-ed25519 AAAA…`, or its fingerprint, `SHA256:…`. No other is accepted. */
  readonly hostKey: string;
}

/**
 * Text files on one host. Each call is a connection of its own, and none is repeated. Every function throws
 * {@link SftpError}, or the reason of the signal when that is aborted.
 */
export interface SftpClient {
  /** The file as text, or `undefined` if there is none. `tooLarge` beyond `maxBytes`, `notFound` if there is no such folder. */
  readFile(
    path: string,
    limits: { readonly maxBytes: number },
    signal?: AbortSignal,
  ): Promise<string | undefined>;
  /**
   * Replaces the file whole, by rename: others read the old text or the new one. It can be read by everybody.
   * `notFound` if there is no such folder.
   */
  replaceFile(path: string, text: string, signal?: AbortSignal): Promise<void>;
  /** Removes the file; an absent one is a success. */
  removeFile(path: string, signal?: AbortSignal): Promise<void>;
}

/**
 * Makes a client; nothing is sent yet.
 * @throws SftpError `badRequest` for a host key that is none.
 */
export function createSftpClient(options: SftpOptions): SftpClient {
  const { host, port, user } = options;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const describe = (purpose: string, effect: Attempt['effect'] = () => 'none'): Attempt => ({
    ...{ purpose, user, address, effect },
  });
  const hostKey = parseHostKey(options.hostKey);
  if (hostKey === undefined) {
    const advice = `take one from: ssh-keyscan -p ${port} ${host}`;
    throw describeFlaw(describe('use the host key'), 'badRequest', 'hostKey is no key of a host', advice);
  }
  const place: Place = { ...options, hostKey };
  return {
    readFile: (path, { maxBytes }, signal) => {
      const attempt = describe(`read ${path}`);
      return visit(place, attempt, signal, (session) => readText(session, attempt, path, maxBytes));
    },
    replaceFile: (path, text, signal) => {
      let effect: SftpError['effect'] = 'none';
      const attempt = describe(`write ${path}`, () => effect);
      const renaming = (): void => {
        effect = 'unknown';
      };
      return visit(place, attempt, signal, (session: Session) => replaceText(session, path, text, renaming));
    },
    removeFile: (path, signal) => {
      const attempt = describe(`remove ${path}`, () => 'unknown');
      return visit(place, attempt, signal, async ({ client }) => {
        await client.delete(path, true);
      });
    },
  };
}
