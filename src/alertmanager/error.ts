import { HttpError, type HttpErrorCode } from '../http/error.ts';

/** Every failure of the Alertmanager client. It holds no request, no header and no secret. */
export class AlertmanagerError extends HttpError<HttpErrorCode> {
  override readonly name = 'AlertmanagerError';
}
