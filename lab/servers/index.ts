/** The real servers that the tests and the lab run against. */
export {
  startAlertmanager,
  startAlertmanagerPair,
  type AlertmanagerOptions,
  type AlertmanagerServer,
} from './alertmanager.ts';
export type { Placement, RunningServer } from './launch.ts';
export {
  startPrometheus,
  type PrometheusOptions,
  type PrometheusServer,
  type ScrapeJob,
} from './prometheus.ts';
export { startS3, type S3Keys, type S3Server } from './s3.ts';
export type { S3Request } from './s3RequestLog.ts';
export { startSshd, type SshServer } from './sshd.ts';
export { createSshKey, type SshKey } from './sshKey.ts';
export {
  startTemporal,
  type SearchAttributeType,
  type TemporalOptions,
  type TemporalServer,
} from './temporal.ts';
