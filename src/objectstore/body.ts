import { ObjectStoreError } from './error.ts';

/**
 * Reads a body as UTF-8 text, never more than `maxBytes` of it.
 * @throws ObjectStoreError `tooLarge` or, for what is no UTF-8, `malformedResponse`.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  limit: { readonly maxBytes: number; readonly subject: string },
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    // Leaving the loop destroys the stream, so that the rest isn't read.
    if (bytes > limit.maxBytes) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks), limit.subject);
}

/** The error for an object that is longer than its reader allows. */
export function tooLarge(limit: { readonly maxBytes: number; readonly subject: string }): ObjectStoreError {
  return new ObjectStoreError({
    code: 'tooLarge',
    effect: 'none',
    message: `${limit.subject} is longer than ${limit.maxBytes} bytes; see who wrote it`,
  });
}

function decode(bytes: Uint8Array, subject: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ObjectStoreError({
      code: 'malformedResponse',
      effect: 'none',
      message: `${subject} is not UTF-8 text; see who wrote it`,
    });
  }
}
