import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { ConfigReferenceError } from './error.ts';

/** Bytes; a password, a token, a key or a bundle of certificates is smaller. */
const bytesMax = 1_048_576;

/**
 * The text of the secret file at `path`, without the newline at its end; `key` names the setting in errors.
 * @throws ConfigReferenceError if it is absent, unreadable, empty or too large.
 */
export async function readSecretFile(path: string, key: string): Promise<string> {
  const value = (await readSmallFile(path, key, 'create it, or correct the path')).replace(/\r?\n$/, '');
  if (value.trim() === '') throw new ConfigReferenceError(`${key}: ${path} is empty`);
  return value;
}

/**
 * The Ed25519 key at `path` (PKCS #8 in PEM) that signs the peers document; `key` names the setting in errors.
 * @throws ConfigReferenceError if it is absent, of another kind, or readable by group or others.
 */
export async function loadSigningKey(path: string, key: string): Promise<KeyObject> {
  const pem = await readSmallFile(path, key, `make one: openssl genpkey -algorithm ed25519 -out ${path}`);
  await refuseOpenFile(path, key);
  const signingKey = parsePrivateKey(pem);
  if (signingKey?.asymmetricKeyType !== 'ed25519') {
    throw new ConfigReferenceError(
      `${key}: ${path} is not an Ed25519 key in PEM (PKCS #8, without a passphrase); ` +
        `make one: openssl genpkey -algorithm ed25519 -out ${path}`,
    );
  }
  return signingKey;
}

/**
 * The private key at `path` as text, for SSH; `key` names the setting in errors.
 * @throws ConfigReferenceError if it is absent, no private key in PEM, or readable by group or others.
 */
export async function loadSshKey(path: string, key: string): Promise<string> {
  const make = `make one: ssh-keygen -t ed25519 -N "" -f ${path}`;
  const pem = await readSmallFile(path, key, make);
  await refuseOpenFile(path, key);
  if (/^-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----/.test(pem)) return pem;
  throw new ConfigReferenceError(`${key}: ${path} is no private key; ${make}`);
}

async function refuseOpenFile(path: string, key: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  throw new ConfigReferenceError(`${key}: ${path} is open to group or others; close it: chmod 600 ${path}`);
}

// What OpenSSL says of a key it can't read is left out: it helps nobody and may quote the file.
function parsePrivateKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

async function readSmallFile(path: string, key: string, ifAbsent: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= bytesMax) return await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new ConfigReferenceError(
      code === 'ENOENT'
        ? `${key}: there is no file ${path}; ${ifAbsent}`
        : `${key}: ${path} can't be read (${code})`,
    );
  }
  throw new ConfigReferenceError(`${key}: ${path} is larger than ${bytesMax} bytes`);
}

/**
 * The certificates (or certificate and key) in the PEM file at `path`; `key` names the setting in errors.
 * @throws ConfigReferenceError if it is absent, unreadable, empty, too large or not PEM.
 */
export async function loadPem(path: string, key: string): Promise<string> {
  const pem = await readSecretFile(path, key);
  if (!pem.includes('-----BEGIN ')) throw new ConfigReferenceError(`${key}: ${path} is not in PEM`);
  return pem;
}
