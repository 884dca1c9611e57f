import { posix } from 'node:path';

import { describeFailure, describeFlaw, type Attempt } from './describe.ts';
import type { SftpError } from './error.ts';
import type { Session } from './session.ts';

/** See `SftpClient.readFile`. */
export async function readText(
  { client }: Session,
  attempt: Attempt,
  path: string,
  maxBytes: number,
): Promise<string | undefined> {
  const found = await client
    .stat(path)
    .catch((error: unknown) => ignoreAbsent(describeFailure(attempt, error)));
  if (found === undefined) {
    await client.stat(posix.dirname(path));
    return undefined;
  }
  const content = found.size > maxBytes ? undefined : await client.get(path);
  // For an empty file the library gives an empty array.
  if (Array.isArray(content)) return '';
  if (!Buffer.isBuffer(content) || content.length > maxBytes) {
    const why = `it is larger than ${maxBytes} bytes`;
    throw describeFlaw(attempt, 'tooLarge', why, 'see what it is, then move it away');
  }
  return content.toString('utf8');
}

/** An absent file is no failure, but its folder must be there: otherwise nothing could be written either. */
function ignoreAbsent(failure: SftpError): undefined {
  if (failure.code !== 'notFound') throw failure;
  return undefined;
}
