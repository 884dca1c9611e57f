import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { CliError } from './errors.ts';

/** A client of Temporal, connected as `temporal.toml` and `TEMPORAL_*` say; closed by the caller. */
export async function connectTemporal(): Promise<{ readonly client: Client; close: () => Promise<void> }> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const address = connectionOptions.address ?? 'localhost:7233';
  try {
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: '10 seconds' });
    const client = new Client({ connection, ...(namespace === undefined ? {} : { namespace }) });
    return { client, close: () => connection.close() };
  } catch (error) {
    throw new CliError(
      `no Temporal server answers at ${address}; set TEMPORAL_ADDRESS or a profile in temporal.toml`,
      { cause: error },
    );
  }
}
