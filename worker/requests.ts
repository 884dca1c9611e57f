import type { HttpRequestRecord } from '../src/http/connection.ts';
import type { ObjectStoreRequestRecord } from '../src/objectstore/client.ts';
import type { RequestRecord } from '../src/openstack/client.ts';
import type { ApiRequest } from '../src/telemetry/metrics.ts';

/** What each kind of client of one region tells of its requests, as one kind of request. */
export function tellRequestsOf(region: string, tell: (request: ApiRequest) => void) {
  const fromHttp =
    (service: 'prometheus' | 'alertmanager') =>
    ({ method, route, ...rest }: HttpRequestRecord): void => {
      tell({ region, service, operation: `${method} ${route}`, ...rest });
    };
  return {
    openstack: ({ service, method, route, status, durationMs }: RequestRecord): void => {
      tell({ region, service, operation: `${method} ${route}`, status, durationMs });
    },
    s3: ({ operation, ...rest }: ObjectStoreRequestRecord): void => {
      tell({ region, service: 's3', operation, ...rest });
    },
    prometheus: fromHttp('prometheus'),
    alertmanager: fromHttp('alertmanager'),
  };
}
