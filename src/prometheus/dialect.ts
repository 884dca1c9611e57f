import { z } from 'zod';

import type { HttpDialect } from '../http/connection.ts';
import { parseJson } from '../http/reply.ts';
import { PrometheusError } from './error.ts';

/** The envelope of a refusal: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview */
const errorEnvelopeSchema = z.object({
  status: z.literal('error'),
  errorType: z.string(),
  error: z.string(),
});

/** What sets Prometheus apart from other servers. */
export const prometheusDialect: HttpDialect = {
  server: 'Prometheus',
  urlName: 'the URL of Prometheus',
  notFoundAdvice: 'check the path of the configured URL',
  malformedAdvice: 'check that the configured URL is that of a Prometheus',
  responseBytesMax: 64 * 1024 * 1024,
  readRefusal: (body) => {
    const envelope = errorEnvelopeSchema.safeParse(parseJson(body));
    return envelope.success ? `${envelope.data.errorType}: ${envelope.data.error}` : body;
  },
  createError: (fields) => new PrometheusError(fields),
};
