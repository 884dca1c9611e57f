import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { z } from 'zod';

/** Nova takes no more than 64 KiB; what is packed in it may not grow without bound. */
const UNPACKED_BYTES_MAX = 1024 * 1024;
const HEADER = '#cloud-config';
const MODE_DEFAULT = 0o644;

/** Says why a guest's user-data can't be used. */
export class UserDataError extends Error {
  override readonly name = 'UserDataError';
}

/** A file that cloud-init leaves in the guest. */
export interface GuestFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

const WriteFile = z.object({
  path: z.string().startsWith('/'),
  content: z.string().default(''),
  encoding: z.string().default('text/plain'),
  permissions: z.union([z.string(), z.number()]).optional(),
  append: z.boolean().default(false),
});

const CloudConfig = z.object({ write_files: z.array(WriteFile).default([]) });

/**
 * Reads user-data as cloud-init does and gives the files that it would write.
 * See https://cloudinit.readthedocs.io/en/22.4.2/topics/modules.html#write-files
 *
 * @throws UserDataError when cloud-init would find no cloud-config in it or a file in it is malformed.
 */
export function readUserData(base64: string | null): readonly GuestFile[] {
  if (base64 === null || base64 === '') throw new UserDataError('the server has no user-data');
  const bytes = Buffer.from(base64, 'base64');
  const text = utf8(isGzip(bytes) ? gunzip(bytes) : bytes);
  if (text.split('\n', 1)[0]?.trimEnd() !== HEADER) {
    throw new UserDataError(`the user-data does not begin with ${HEADER}`);
  }
  const parsed = CloudConfig.safeParse(parseYaml(text));
  if (!parsed.success) {
    throw new UserDataError(`the user-data is no cloud-config: ${z.prettifyError(parsed.error)}`);
  }
  const files = new Map<string, GuestFile>();
  for (const entry of parsed.data.write_files) {
    const before = entry.append ? (files.get(entry.path)?.content ?? '') : '';
    const content = before + decode(entry.content, entry.encoding);
    files.set(entry.path, { path: entry.path, mode: modeOf(entry.permissions), content });
  }
  return [...files.values()];
}

function parseYaml(text: string): unknown {
  try {
    // cloud-init reads YAML 1.1, in which a bare 0644 is octal.
    return parse(text, { version: '1.1' });
  } catch (cause) {
    throw new UserDataError('the user-data is no YAML', { cause });
  }
}

/** The encodings and their other names, as cloud-init's `canonicalize_extraction` knows them. */
function decode(content: string, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'gz+base64':
    case 'gzip+base64':
    case 'gz+b64':
    case 'gzip+b64':
      return utf8(gunzip(Buffer.from(content, 'base64')));
    case 'b64':
    case 'base64':
      return utf8(Buffer.from(content, 'base64'));
    default:
      // As cloud-init, which takes the content as it is under a name that it doesn't know.
      return content;
  }
}

function modeOf(permissions: string | number | undefined): number {
  if (typeof permissions !== 'string') return permissions ?? MODE_DEFAULT;
  return /^(0o)?[0-7]+$/.test(permissions) ? Number.parseInt(permissions.replace('0o', ''), 8) : MODE_DEFAULT;
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzip(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
  } catch (cause) {
    throw new UserDataError('packed user-data is broken or too large', { cause });
  }
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserDataError('the user-data is no UTF-8', { cause });
  }
}
