import { S3Client } from '@aws-sdk/client-s3';
import type { S3Server } from '../../lab/servers/index.ts';

/** A client of an S3 server with root's rights; shares no code with the product's. */
export function connectS3({ endpoint, region, accessKeyId, secretAccessKey }: S3Server): Disposable & {
  readonly client: S3Client;
} {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  return {
    client,
    [Symbol.dispose]: () => {
      client.destroy();
    },
  };
}
