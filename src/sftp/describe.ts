import { z } from 'zod';

import { SftpError, type SftpErrorCode, type SftpErrorFields } from './error.ts';
import { computeFingerprint } from './hostKey.ts';

/** What was tried: "write /etc/prometheus/innervisor/luxembourg.json as innervisor at prom.example.net:22". */
export interface Attempt {
  readonly purpose: string;
  readonly user: string;
  /** Host and port. */
  readonly address: string;
  /** What is known of the file if it fails now. */
  readonly effect: () => SftpErrorFields['effect'];
}

type Verdict = readonly [code: SftpErrorCode, advice: string];

const REASON_LENGTH_MAX = 200;

const LOST: Verdict = ['connectionLost', 'look into the log of sshd there'];
const ODD: Verdict = [
  'unavailable',
  'check that it is an SSH server with a host key of that type, and with SFTP that renames over a file',
];

/** Errors of the network, and status codes of SFTP: https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02#section-7 */
const BY_CODE: ReadonlyMap<string | number, Verdict> = new Map<string | number, Verdict>([
  ['ETIMEDOUT', ['timeout', 'it may be overloaded, or a firewall drops what is sent']],
  ['ECONNREFUSED', ['unreachable', 'check that sshd runs, and host and port']],
  ['ENOENT', ['notFound', 'make the folder, and let this user write there']],
  ['ENOTFOUND', ['unreachable', 'check the name of the host']],
  ['EAI_AGAIN', ['unreachable', 'check the name of the host and the name servers']],
  ['EHOSTUNREACH', ['unreachable', 'check host, port and route']],
  ['ENETUNREACH', ['unreachable', 'check host, port and route']],
  [2, ['notFound', 'make the folder, and let this user write there']],
  [3, ['forbidden', 'let this user write to the folder and read the file']],
  [4, ['unavailable', 'check what lies at the path, and the space left']],
  ['ECONNRESET', LOST],
  ['EPIPE', LOST],
  // The library's words for a connection that ended by itself, or is gone.
  ['ERR_GENERIC_CLIENT', LOST],
  ['ERR_NOT_CONNECTED', LOST],
]);

const errorSchema = z.object({
  code: z.union([z.string(), z.number()]).optional(),
  message: z.string(),
});

/** What an error of the libraries means. What a server says is cut short and loses its control characters. */
export function describeFailure(attempt: Attempt, error: unknown): SftpError {
  const parsed = errorSchema.safeParse(error);
  if (!parsed.success) throw error;
  const { code = '', message } = parsed.data;
  const [kind, advice] = BY_CODE.get(code) ?? ODD;
  return fail(attempt, kind, message, advice);
}

/** The server isn't the one that was named (its key is given), or it doesn't let the user in. */
export function describeRefusal(attempt: Attempt, refused: Buffer | 'user'): SftpError {
  if (refused === 'user') {
    const advice = `put the public half of privateKeyFile into ~${attempt.user}/.ssh/authorized_keys there`;
    return fail(attempt, 'unauthenticated', 'the server does not accept the key', advice);
  }
  const why = `the server has another host key, ${computeFingerprint(refused)}`;
  const advice = 'find out why; only if the host was made anew, correct hostKey';
  return fail(attempt, 'hostKeyMismatch', why, advice);
}

/** The private key can't be used; what the library says of it names a form and quotes nothing. */
export function describeKeyFlaw(attempt: Attempt, error: unknown): SftpError {
  const { message } = errorSchema.parse(error);
  const advice = 'give privateKeyFile a key without a passphrase, such as from: ssh-keygen -t ed25519 -N ""';
  return fail(attempt, 'badRequest', message, advice);
}

function fail(attempt: Attempt, code: SftpErrorCode, why: string, advice: string): SftpError {
  const reason = why.replaceAll(/\p{Cc}+/gu, ' ').slice(0, REASON_LENGTH_MAX);
  const { purpose, user, address, effect } = attempt;
  const message = `cannot ${purpose} at ${address} as ${user}: ${reason}; ${advice}`;
  return new SftpError({ code, effect: effect(), message });
}

/** The error for something that the configuration or a file makes impossible, whatever the server says. */
export function describeFlaw(
  attempt: Attempt,
  code: 'badRequest' | 'tooLarge',
  why: string,
  advice: string,
): SftpError {
  return fail(attempt, code, why, advice);
}
