import type { PrometheusClient } from './client.ts';
import { PrometheusError } from './error.ts';

/** Whoever answers questions about series. */
export type PrometheusQueries = Pick<PrometheusClient, 'queryInstant'>;

/**
 * Asks the first of several replicas, and the next one only where it gives no answer. A refused expression is an answer.
 * If none gives one, the error is that of the first.
 */
export function askFirstAnswering(replicas: readonly PrometheusQueries[]): PrometheusQueries {
  return {
    queryInstant: async (promql, signal) => {
      const errors: unknown[] = [];
      for (const replica of replicas) {
        try {
          return await replica.queryInstant(promql, signal);
        } catch (error) {
          if (!(error instanceof PrometheusError) || error.code === 'badRequest') throw error;
          errors.push(error);
        }
      }
      throw errors[0];
    },
  };
}
