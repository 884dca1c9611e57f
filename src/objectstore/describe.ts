import { z } from 'zod';

import { ObjectStoreError, type ObjectStoreErrorCode } from './error.ts';

/** What was tried, for the message: "put peers/luxembourg.json in bucket innervisor at s3.example.net". */
export interface Attempt {
  readonly purpose: string;
  readonly bucket: string;
  readonly host: string;
  readonly writes: boolean;
}

type Verdict = readonly [code: ObjectStoreErrorCode, advice: string];

/** Error names of S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const BY_NAME: ReadonlyMap<string, Verdict> = new Map(
  Object.entries<Verdict>({
    AccessDenied: ['forbidden', 'give these credentials the right to do so'],
    NoSuchBucket: ['bucketMissing', 'create the bucket or correct its name'],
    NoSuchKey: ['notFound', 'the object is gone: read it again'],
    PreconditionFailed: ['preconditionFailed', 'somebody else has changed the object: read it again'],
    ConditionalRequestConflict: ['preconditionFailed', 'somebody else is changing the object: read it again'],
    InvalidAccessKeyId: ['unauthenticated', 'check the access key'],
    SignatureDoesNotMatch: ['unauthenticated', 'check the secret key'],
    ExpiredToken: ['unauthenticated', 'renew the session token'],
    InvalidToken: ['unauthenticated', 'renew the session token'],
    RequestTimeTooSkewed: ['unauthenticated', 'set the clock of this host'],
    AuthorizationHeaderMalformed: ['unauthenticated', 'check region and access key'],
    CredentialsProviderError: [
      'unauthenticated',
      'give credentials by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role',
    ],
    NotImplemented: ['unsupported', 'use a server that has conditional writes'],
    SlowDown: ['rateLimited', 'ask less often'],
    PermanentRedirect: ['badRequest', "configure the bucket's own region and endpoint"],
  }),
);

const NOT_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/;
const NOT_TRUSTED = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO)/;
const BROKEN = /^(ECONNRESET|EPIPE)$/;

/** How the SDK marks an error that stands for an answer, be that answer S3's or that of a proxy before it. */
const answerSchema = z.object({
  name: z.string(),
  message: z.string(),
  $metadata: z.object({ httpStatusCode: z.number(), requestId: z.string().optional() }),
});
type Answer = z.infer<typeof answerSchema>;

/** What an error of the SDK means. The SDK's own error is left behind: it carries the answer and its headers. */
export function describeFailure(attempt: Attempt, error: unknown): ObjectStoreError {
  if (error instanceof ObjectStoreError) return error;
  if (!(error instanceof Error)) throw error;
  const answer = answerSchema.safeParse(error);
  return answer.success ? describeAnswer(attempt, answer.data) : describeSilence(attempt, error);
}

function describeAnswer(attempt: Attempt, answer: Answer): ObjectStoreError {
  const { name, message } = answer;
  const { httpStatusCode: status, requestId } = answer.$metadata;
  // For an answer without a body, as to HEAD, and for one that isn't S3's, the SDK makes up name and message.
  const said = name === 'Unknown' || name === 'Error' ? '' : ` ${name}: ${message.slice(0, 300)}`;
  const verdict = BY_NAME.get(name) ?? classifyStatus(status);
  const refused = (status >= 300 && status < 500) || status === 501;
  return fail(attempt, verdict, `HTTP ${status}${said}`, { reached: !refused, status, requestId });
}

function describeSilence(attempt: Attempt, error: Error): ObjectStoreError {
  const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const why = error.message === '' ? name : `${error.message} (${name})`;
  const known = BY_NAME.get(error.name);
  if (known !== undefined) return fail(attempt, known, why, { reached: false });
  if (NOT_CONNECTED.test(name)) {
    return fail(attempt, ['unreachable', 'check that it runs, and its address'], why, { reached: false });
  }
  if (NOT_TRUSTED.test(name)) {
    const advice = 'check its certificate, and NODE_EXTRA_CA_CERTS';
    return fail(attempt, ['unreachable', advice], why, { reached: false });
  }
  // The SDK names a broken connection a timeout too.
  if (error.name === 'TimeoutError' && !BROKEN.test(name)) {
    return fail(attempt, ['timeout', 'it may be overloaded'], why, { reached: true });
  }
  return fail(attempt, ['unreachable', 'the connection broke or what came was no HTTP'], why, {
    reached: true,
  });
}

function classifyStatus(status: number): Verdict {
  if (status === 401) return ['unauthenticated', 'check the credentials'];
  if (status === 403) return ['forbidden', 'check access key and secret key, and their rights'];
  if (status === 404) return ['notFound', 'check bucket and key'];
  if (status === 412) return ['preconditionFailed', 'somebody else has changed the object: read it again'];
  if (status === 429) return ['rateLimited', 'ask less often'];
  if (status === 501) return ['unsupported', 'use a server that can do this'];
  if (status >= 500) return ['unavailable', "look into the server's log"];
  if (status >= 300) return ['badRequest', 'check region, endpoint and key'];
  return ['malformedResponse', 'check that the endpoint is an S3 server'];
}

function fail(
  attempt: Attempt,
  [code, advice]: Verdict,
  why: string,
  answer: { readonly reached: boolean; readonly status?: number; readonly requestId?: string | undefined },
): ObjectStoreError {
  return new ObjectStoreError({
    code,
    effect: attempt.writes && answer.reached ? 'unknown' : 'none',
    message: `cannot ${attempt.purpose} in bucket ${attempt.bucket} at ${attempt.host}: ${why}; ${advice}`,
    status: answer.status,
    requestId: answer.requestId,
  });
}
