import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { rawStart } from '../openstack/support/rawStart.ts';

/** Sends what `tctl` sends for one of its command lines, and gives what it would show. */
export async function sendAsTctl(address: string, line: string): Promise<unknown> {
  const { command, flags } = parseLine(line);
  const flag = (name: string): string => {
    const value = flags.get(name);
    if (value === undefined) throw new Error(`${line} lacks --${name}`);
    return value;
  };
  const connection = await Connection.connect({ address });
  try {
    const send = SENDERS[command];
    if (send === undefined) throw new Error(`nothing is known of tctl ${command}`);
    return await send({ address, connection, flag, flags });
  } finally {
    await connection.close();
  }
}

interface Sending {
  readonly address: string;
  readonly connection: Connection;
  /** A flag that must be there. */
  readonly flag: (name: string) => string;
  readonly flags: ReadonlyMap<string, string>;
}

const namespace = 'default';

const SENDERS: Readonly<Record<string, (sending: Sending) => Promise<unknown>>> = {
  'workflow start': ({ address, flag }) => {
    const { taskqueue, type } = { taskqueue: flag('taskqueue'), type: flag('workflow_type') };
    if (taskqueue !== 'innervisor' || (type !== 'reconcileRegion' && type !== 'orderRegion'))
      throw new Error(`not ours: ${taskqueue} ${type}`);
    return rawStart(address, flag('workflow_id'), flag('input'), type);
  },
  'workflow query': ({ connection, flag }) =>
    new Client({ connection }).workflow.getHandle(flag('workflow_id')).query(flag('query_type')),
  'workflow signal': ({ connection, flag, flags }) => {
    const input = flags.get('input');
    return connection.workflowService.signalWorkflowExecution({
      namespace,
      workflowExecution: { workflowId: flag('workflow_id') },
      signalName: flag('name'),
      identity: 'tctl@test',
      requestId: randomUUID(),
      input: { payloads: input === undefined ? [] : [jsonPayload(input)] },
    });
  },
  'workflow observe': ({ connection, flag }) =>
    new Client({ connection }).workflow.getHandle(flag('workflow_id')).result(),
  'workflow list': async ({ connection, flag }) =>
    (await connection.workflowService.listWorkflowExecutions({ namespace, query: flag('query') })).executions,
  'workflow describe': ({ connection, flag }) =>
    connection.workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId: flag('workflow_id') },
    }),
  'workflow cancel': ({ connection, flag }) =>
    connection.workflowService.requestCancelWorkflowExecution({
      namespace,
      workflowExecution: { workflowId: flag('workflow_id') },
      requestId: randomUUID(),
    }),
  'schedule describe': ({ connection, flag }) =>
    connection.workflowService.describeSchedule({ namespace, scheduleId: flag('sid') }),
  'schedule toggle': ({ connection, flag, flags }) =>
    connection.workflowService.patchSchedule({
      namespace,
      scheduleId: flag('sid'),
      patch: flags.has('pause') ? { pause: flag('reason') } : { unpause: flag('reason') },
    }),
  'schedule trigger': ({ connection, flag }) =>
    connection.workflowService.patchSchedule({
      namespace,
      scheduleId: flag('sid'),
      patch: { triggerImmediately: {} },
    }),
  'schedule delete': ({ connection, flag }) =>
    connection.workflowService.deleteSchedule({ namespace, scheduleId: flag('sid') }),
};

function jsonPayload(data: string) {
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(data) };
}

/** `tctl workflow start --name 'value'`: its command and its flags; a flag without a value has an empty one. */
function parseLine(line: string): { readonly command: string; readonly flags: ReadonlyMap<string, string> } {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
  const [program, noun, verb, ...rest] = words;
  if (program !== 'tctl') throw new Error(`no line of tctl: ${line}`);
  const flags = new Map<string, string>();
  for (const [index, word] of rest.entries()) {
    const next = rest[index + 1];
    if (word.startsWith('--'))
      flags.set(word.slice(2), next === undefined || next.startsWith('--') ? '' : next);
  }
  return { command: `${noun} ${verb}`, flags };
}
