import { text, textLike, url } from './fields.ts';

/** Where an S3 bucket is; its credentials come from the AWS SDK's own chain. */
export function bucketFields(what: string) {
  return {
    bucket: textLike(
      `name the S3 bucket of ${what}: 3 to 63 characters of a-z, 0-9, . and -`,
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    ).describe(`The S3 bucket of ${what}.`),
    endpoint: url('give the base URL of the S3 server, or leave it out for Amazon')
      .describe("The base URL of the S3 server. Left out: Amazon's.")
      .optional(),
    region: text('name the S3 region, such as us-east-1').default('us-east-1').describe('The S3 region.'),
  };
}
