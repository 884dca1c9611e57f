import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { CliError } from './errors.ts';

/**
 * Does something with a client of Temporal, connected as `temporal.toml` and `TEMPORAL_*` say.
 * @throws CliError where no server answers.
 */
export async function withTemporal<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const address = connectionOptions.address ?? 'localhost:7233';
  const connection = await connect(address, connectionOptions);
  try {
    return await use(new Client({ connection, ...(namespace === undefined ? {} : { namespace }) }));
  } finally {
    await connection.close();
  }
}

async function connect(
  address: string,
  options: ReturnType<typeof loadClientConnectConfig>['connectionOptions'],
): Promise<Connection> {
  try {
    return await Connection.connect({ ...options, connectTimeout: '10 seconds' });
  } catch (error) {
    throw new CliError(`no Temporal server answers at ${address}`, {
      hint: 'set TEMPORAL_ADDRESS or a profile in temporal.toml',
      cause: error,
    });
  }
}
