import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../servers/port.ts';
import type { StackMonitoring } from '../stack/index.ts';

const MONITORING = join(import.meta.dirname, '..', '..', 'monitoring');

/** The rules and the routing of alerts that users get, and a port at which Prometheus finds the worker. */
export async function findMonitoring(): Promise<StackMonitoring> {
  const [workerPort] = await freePorts(1);
  if (workerPort === undefined) throw new TypeError('one port was asked for');
  return {
    ruleFiles: [join(MONITORING, 'prometheus', '*.rules.yaml')],
    alertmanagerConfig: await readFile(join(MONITORING, 'alertmanager', 'alertmanager.yml'), 'utf8'),
    workerPort,
  };
}
