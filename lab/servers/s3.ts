import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';

import { ensureTools } from '../tools/ensureTools.ts';
import { launch, type Launched, type Placement, type RunningServer } from './launch.ts';
import { answersHttp } from './readiness.ts';
import { parseRequestLog, type S3Request } from './s3RequestLog.ts';

const REGION = 'us-east-1';
const HEALTH_PATH = '/health-of-this-server';

/** Keys of an S3 account. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** An S3 server that checks signatures, policies and conditions as the real service does. */
export interface S3Server extends RunningServer, S3Keys {
  /** The same as `url`. Buckets are addressed by path. */
  readonly endpoint: string;
  readonly region: string;
  /** Makes a bucket; what lies under `publicReadPrefix` in it can be read without a signature. */
  readonly createBucket: (name: string, options?: { readonly publicReadPrefix?: string }) => Promise<void>;
  /** Makes an account that may do nothing until a bucket's policy lets it. */
  readonly createUser: (keys: S3Keys) => Promise<void>;
  /** Every request since the start that was answered, oldest first, `createBucket`'s own among them. */
  readonly requests: () => Promise<S3Request[]>;
}

/** Starts an S3 server with root keys of its own and its buckets in its folder. */
export async function startS3(placement: Placement = {}): Promise<S3Server> {
  const { versitygw } = await ensureTools(['versitygw']);
  const keys: S3Keys = {
    accessKeyId: `root-${randomBytes(4).toString('hex')}`,
    secretAccessKey: randomBytes(20).toString('hex'),
  };
  const server = await launch({
    name: 's3',
    binary: versitygw,
    portsCount: 1,
    placement,
    // In the environment and not among the arguments, which every user of the machine can read.
    env: { ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
    prepare: async (dir, [port]) => {
      const [buckets, iam] = [join(dir, 'buckets'), join(dir, 'iam')];
      await Promise.all([buckets, iam].map((folder) => mkdir(folder)));
      const general = ['--port', `127.0.0.1:${port}`, '--region', REGION, '--health', HEALTH_PATH];
      return [...general, '--iam-dir', iam, 'posix', buckets];
    },
    isReady: ([port]) => answersHttp(`http://127.0.0.1:${port}${HEALTH_PATH}`),
  });
  return withBuckets(server, keys, versitygw);
}

function withBuckets(server: Launched, keys: S3Keys, binary: string): S3Server {
  const { ports: _ports, ...rest } = server;
  const client = new S3Client({
    endpoint: server.url,
    region: REGION,
    credentials: keys,
    forcePathStyle: true,
  });
  const stop = async () => {
    client.destroy();
    await server.stop();
  };
  return {
    ...rest,
    ...keys,
    endpoint: server.url,
    region: REGION,
    stop,
    [Symbol.asyncDispose]: stop,
    createBucket: async (name, { publicReadPrefix } = {}) => {
      await client.send(new CreateBucketCommand({ Bucket: name }));
      if (publicReadPrefix === undefined) return;
      const policy = JSON.stringify(publicReadPolicy(name, publicReadPrefix));
      await client.send(new PutBucketPolicyCommand({ Bucket: name, Policy: policy }));
    },
    createUser: (user) => createUser(binary, server.url, keys, user),
    requests: async () => {
      const log = await readFile(join(server.dir, 'output.log'), 'utf8');
      return parseRequestLog(log).filter(({ path }) => path !== HEALTH_PATH);
    },
  };
}

function publicReadPolicy(bucket: string, prefix: string): object {
  const resource = `arn:aws:s3:::${bucket}/${prefix}*`;
  const read = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: resource };
  return { Version: '2012-10-17', Statement: [read] };
}

async function createUser(binary: string, url: string, root: S3Keys, user: S3Keys): Promise<void> {
  const admin = ['--access', root.accessKeyId, '--secret', root.secretAccessKey, '--endpoint-url', url];
  const account = ['--access', user.accessKeyId, '--secret', user.secretAccessKey, '--role', 'user'];
  await promisify(execFile)(binary, ['admin', ...admin, 'create-user', ...account]);
}
