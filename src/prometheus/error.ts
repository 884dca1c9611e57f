import { HttpError, type HttpErrorCode } from '../http/error.ts';

/** What went wrong, as a word that doesn't change; callers switch over it and never over the message. */
export type PrometheusErrorCode = HttpErrorCode | 'reloadFailed' | 'malformedFile' | 'writeFailed';

/** Every failure of the Prometheus client. It holds no request, no header and no secret. */
export class PrometheusError extends HttpError<PrometheusErrorCode> {
  override readonly name = 'PrometheusError';
}
