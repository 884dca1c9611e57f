import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

const TYPE = 'ssh-ed25519';
const BLOCK_BYTES = 8;

/** A pair of keys as OpenSSH writes them. */
export interface SshKey {
  /** The text of a private key file, without a passphrase. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, as it stands in `authorized_keys`. */
  readonly publicKey: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/**
 * Makes a key as `ssh-keygen -t ed25519` would.
 * See https://github.com/openssh/openssh-portable/blob/V_9_2_P1/PROTOCOL.key
 */
export function createSshKey(): SshKey {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (d === undefined || x === undefined) throw new TypeError('an Ed25519 key has two parts');
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const blob = Buffer.concat([field(TYPE), field(point)]);
  const check = randomBytes(4);
  const secret = [check, check, field(TYPE), field(point), field(Buffer.concat([seed, point])), field('')];
  const encoded = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[
      field('none'),
      field('none'),
      field(''),
      number(1),
      field(blob),
      field(padded(Buffer.concat(secret))),
    ],
  ]).toString('base64');
  const lines = encoded.match(/.{1,70}/g) ?? [];
  const hash = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return {
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `${TYPE} ${blob.toString('base64')}`,
    fingerprint: `SHA256:${hash}`,
  };
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

/** With 1, 2, 3 … up to the next whole block. */
function padded(bytes: Buffer): Buffer {
  const missing = (BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}
