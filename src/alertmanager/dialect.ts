import type { HttpDialect } from '../http/connection.ts';
import { AlertmanagerError } from './error.ts';

/** What sets Alertmanager apart from other servers. */
export const alertmanagerDialect: HttpDialect = {
  server: 'Alertmanager',
  urlName: 'a URL of Alertmanager',
  notFoundAdvice: 'check the id, and the path of the configured URL',
  malformedAdvice: 'check that the configured URL is that of an Alertmanager with API v2',
  responseBytesMax: 32 * 1024 * 1024,
  readRefusal: (body) => body,
  createError: (fields) => new AlertmanagerError(fields),
};
