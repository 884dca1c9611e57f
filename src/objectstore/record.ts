import type { S3Client } from '@aws-sdk/client-s3';

/** What is told of a request at its end; it has few distinct values and no secret. */
export interface ObjectStoreRequestRecord {
  /** As S3's reference names it: `GetObject`. */
  readonly operation: string;
  /** `undefined` where there was no answer. */
  readonly status: number | undefined;
  /** Until the head of the answer was there; the body of an object is read after that. */
  readonly durationMs: number;
}

interface Answered {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Has every command of a client told about at its end. */
export function tellRequests(client: S3Client, tell: (request: ObjectStoreRequestRecord) => void): void {
  client.middlewareStack.add(
    (next, { commandName = 'unknown' }) =>
      async (input) => {
        const startedMs = performance.now();
        let status: number | undefined;
        try {
          const result = await next(input);
          status = statusOf(result.output);
          return result;
        } catch (error) {
          status = statusOf(error);
          throw error;
        } finally {
          const operation = commandName.replace(/Command$/, '');
          tell({ operation, status, durationMs: performance.now() - startedMs });
        }
      },
    { step: 'initialize', name: 'tellRequests' },
  );
}

/** The SDK puts the status into its outputs and errors alike. */
function statusOf(answer: unknown): number | undefined {
  return (answer as Answered | null | undefined)?.$metadata?.httpStatusCode;
}
