import type { Answer, ServiceName } from '../http/call.ts';

const POLICY = "Policy doesn't allow what was asked for to be performed.";

const PROXY_PAGES: Readonly<Record<number, string>> = {
  404: '<html><body><h1>404 Not Found</h1>\nThe resource could not be found.\n</body></html>\n',
  408: "<html><body><h1>408 Request Time-out</h1>\nYour browser didn't send a complete request in time.\n</body></html>\n",
  413: '<html><body><h1>413 Payload Too Large</h1>\nThe request entity exceeds the maximum allowed.\n</body></html>\n',
  429: '<html><body><h1>429 Too Many Requests</h1>\nYou have sent too many requests in a given amount of time.\n</body></html>\n',
  502: '<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n</body></html>\n',
  503: '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
  504: "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n",
};

/** The 401 of a service; each has its own. */
export function unauthorized(service: ServiceName, keystoneUrl: string): Answer {
  const headers = { 'www-authenticate': `Keystone uri="${keystoneUrl}"` };
  const message = 'The request you have made requires authentication.';
  if (service === 'keystone') {
    return { status: 401, headers, body: { error: { code: 401, message, title: 'Unauthorized' } } };
  }
  if (service === 'glance') {
    const text =
      'This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.<br /><br />\n\n\n';
    return { status: 401, headers, body: { message: text, code: '401 Unauthorized', title: 'Unauthorized' } };
  }
  return { status: 401, headers, body: { error: { code: 401, title: 'Unauthorized', message } } };
}

/** The 403 of a service whose policy was changed. */
function forbidden(service: ServiceName): Answer {
  switch (service) {
    case 'nova':
      return { status: 403, body: { forbidden: { code: 403, message: POLICY } } };
    case 'neutron':
      return {
        status: 403,
        body: { NeutronError: { type: 'PolicyNotAuthorized', message: POLICY, detail: '' } },
      };
    case 'glance':
      return { status: 403, body: { message: POLICY, code: '403 Forbidden', title: 'Forbidden' } };
    case 'keystone':
    case 'placement':
      return { status: 403, body: { error: { code: 403, message: POLICY, title: 'Forbidden' } } };
  }
}

/** The 409 of a service in which something else has just happened to what was asked about. */
function inConflict(service: ServiceName): Answer {
  const message = 'Another thread concurrently updated the data. Retry your request';
  switch (service) {
    case 'nova':
      return { status: 409, body: { conflictingRequest: { code: 409, message } } };
    case 'neutron':
      return { status: 409, body: { NeutronError: { type: 'RetryRequest', message, detail: '' } } };
    case 'glance':
      return { status: 409, body: { message, code: '409 Conflict', title: 'Conflict' } };
    case 'keystone':
    case 'placement':
      return { status: 409, body: { error: { code: 409, message, title: 'Conflict' } } };
  }
}

/** The answer of a service, or of a proxy before it, that is in trouble. */
export function troubled(
  service: ServiceName,
  status: number,
  keystoneUrl: string,
  retryAfterSeconds: number | undefined,
): Answer {
  if (status === 401) return unauthorized(service, keystoneUrl);
  if (status === 403) return forbidden(service);
  if (status === 409) return inConflict(service);
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  if (status !== 500) {
    return { status, headers: { 'content-type': 'text/html', ...retry }, body: PROXY_PAGES[status] ?? '' };
  }
  return { status, headers: retry, body: internalError(service) };
}

function internalError(service: ServiceName): unknown {
  switch (service) {
    case 'nova':
      return {
        computeFault: {
          code: 500,
          message:
            "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.\n<class 'oslo_db.exception.DBConnectionError'>",
        },
      };
    case 'neutron':
      return {
        NeutronError: {
          type: 'HTTPInternalServerError',
          message: 'Request Failed: internal server error while processing your request.',
          detail: '',
        },
      };
    case 'glance':
      return {
        message:
          'The server has either erred or is incapable of performing the requested operation.<br /><br />\n\n\n',
        code: '500 Internal Server Error',
        title: 'Internal Server Error',
      };
    case 'keystone':
    case 'placement':
      return {
        error: {
          code: 500,
          message: 'An unexpected error prevented the server from fulfilling your request.',
          title: 'Internal Server Error',
        },
      };
  }
}
