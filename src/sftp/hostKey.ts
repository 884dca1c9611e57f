import { createHash } from 'node:crypto';

/** How a host may sign. An RSA key has two ways; the old one, by SHA-1, isn't accepted. */
const SIGNED_BY = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
} as const;

/** A way in which a host signs. */
export type HostKeyAlgorithm = (typeof SIGNED_BY)[keyof typeof SIGNED_BY][number];

/** The one key of a host that is trusted. */
export interface PinnedHostKey {
  /** Whether this is the key, as the server sends it. */
  readonly matches: (key: Buffer) => boolean;
  /** How the server is to sign, so that it presents a key of this type; `undefined` where the type isn't known. */
  readonly algorithms: readonly HostKeyAlgorithm[] | undefined;
}

/** Reads `ssh-ed25519 AAAA…` (a comment may follow) or `SHA256:…`; `undefined` for what is neither. */
export function parseHostKey(text: string): PinnedHostKey | undefined {
  const [type = '', encoded] = text.trim().split(/\s+/, 2);
  if (encoded === undefined) {
    const fingerprint = /^(SHA256:[A-Za-z0-9+/]{43})=?$/.exec(type)?.[1];
    if (fingerprint === undefined) return undefined;
    return { matches: (key) => computeFingerprint(key) === fingerprint, algorithms: undefined };
  }
  const pinned = Buffer.from(encoded, 'base64');
  if (!isKeyType(type) || !beginsWith(pinned, type)) return undefined;
  return { matches: (key) => key.equals(pinned), algorithms: SIGNED_BY[type] };
}

/** `SHA256:…`, as `ssh-keygen -l` prints it. */
export function computeFingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function isKeyType(type: string): type is keyof typeof SIGNED_BY {
  return Object.hasOwn(SIGNED_BY, type);
}

/** A key begins with its type, and something follows: so a slip in copying is seen before anything is asked. */
function beginsWith(key: Buffer, type: string): boolean {
  const head = 4 + type.length;
  return key.length > head + 4 && key.subarray(4, head).toString() === type;
}
