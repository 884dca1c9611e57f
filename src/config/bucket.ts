import { text, textThat, url } from './fields.ts';

/** Where an S3 bucket is; its credentials come from the AWS SDK's own chain. */
export function bucketFields(what: string) {
  return {
    bucket: textThat(`name the S3 bucket of ${what}: 3 to 63 characters of a-z, 0-9, . and -`, (value) =>
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value),
    ),
    endpoint: url('give the base URL of the S3 server, or leave it out for Amazon').optional(),
    region: text('name the S3 region, such as us-east-1').default('us-east-1'),
  };
}
