import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { loadTemporalSettings, type TemporalSettings } from '../config/temporal.ts';
import { ACCESS_CODES } from './describeError.ts';
import { CliError } from './errors.ts';
import { findObstacle } from './obstacle.ts';

// gRPC's own numbers: https://grpc.io/docs/guides/status-codes/
const UNREACHABLE: readonly number[] = [/* DEADLINE_EXCEEDED */ 4, /* UNAVAILABLE */ 14];

/**
 * Does something with a client of Temporal, connected as `temporal.toml` and `TEMPORAL_*` say.
 * @throws ConfigReferenceError where they can't be used; CliError where no server answers or it lets nobody in.
 */
export async function withTemporal<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const settings = loadTemporalSettings();
  const connection = await connect(settings);
  try {
    return await use(new Client({ connection, namespace: settings.namespace }));
  } finally {
    await connection.close();
  }
}

async function connect(settings: TemporalSettings): Promise<Connection> {
  const connection = Connection.lazy({ ...settings.connectionOptions, connectTimeout: '10 seconds' });
  try {
    await connection.ensureConnected();
    return connection;
  } catch (error) {
    await connection.close();
    throw await explain(settings, error);
  }
}

async function explain(settings: TemporalSettings, error: unknown): Promise<unknown> {
  if (!(error instanceof Error)) return error;
  const { address, connectionOptions } = settings;
  const { cause } = error;
  const refusal = isGrpcServiceError(cause) && !UNREACHABLE.includes(cause.code) ? cause : undefined;
  if (refusal === undefined) {
    const { why, hint } = await findObstacle(address, connectionOptions.tls);
    return new CliError(`no Temporal server answers at ${address}: ${why}`, { hint, cause: error });
  }
  const { code, details: said }: { readonly code: number; readonly details: string } = refusal;
  if (!ACCESS_CODES.includes(code))
    return new CliError(`Temporal at ${address} refused: ${said}`, {
      hint: 'the log of that server says more; TEMPORAL_ADDRESS or a profile in temporal.toml names another one',
      cause: error,
    });
  return connectionOptions.apiKey === undefined
    ? new CliError(`Temporal at ${address} demands an API key: ${said}`, {
        hint: 'set TEMPORAL_API_KEY, or api_key of a profile in temporal.toml',
        cause: error,
      })
    : new CliError(`Temporal at ${address} refuses the API key: ${said}`, {
        hint: 'set TEMPORAL_API_KEY, or api_key of the profile in temporal.toml, to a key that is valid there',
        cause: error,
      });
}
