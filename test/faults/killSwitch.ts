/**
 * Loaded before a worker (`node --import`), once it is armed it kills that worker, at a given moment of a given step. It
 * also gives it a task queue of its own. The worker's program itself knows nothing of it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { unlinkSync } from 'node:fs';
import files from 'node:fs/promises';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import type { Moment } from './kill.ts';

/** Which step this code runs in. */
const current = new AsyncLocalStorage<string>();
const {
  KILL_STEP: step = '',
  KILL_MOMENT = '',
  KILL_ARMED: armed = '',
  KILL_QUEUE: taskQueue = '',
} = process.env;
const moment = KILL_MOMENT as Moment;

function die(): void {
  try {
    // Once: the worker that comes after this one lives.
    unlinkSync(armed);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  process.kill(process.pid, 'SIGKILL');
}

// https://nodejs.org/docs/latest-v24.x/api/diagnostics_channel.html#http
subscribe('http.client.request.start', (message) => {
  if (current.getStore() !== step) return;
  const { request } = message as { readonly request: ClientRequest };
  const isWrite = !['GET', 'HEAD'].includes(request.method) && !request.path.includes('/auth/tokens');
  // The answer has come, so the effect is there; nobody has seen it yet.
  if (moment === 'first answer' || (moment === 'first write' && isWrite))
    request.prependOnceListener('response', die);
});

// The targets are written into a file, which takes its place by the one and goes by the other.
const { rename, rm } = files;
files.rename = async (...args) => {
  await rename(...args);
  if (current.getStore() === step && moment === 'first write') die();
};
files.rm = async (...args) => {
  await rm(...args);
  if (current.getStore() === step && moment === 'first write') die();
};
syncBuiltinESMExports();

const create = Worker.create.bind(Worker);
Worker.create = (options: WorkerOptions) =>
  create({
    ...options,
    taskQueue,
    interceptors: {
      activity: [
        ({ info: { activityType } }) => ({
          inbound: {
            execute: (input, next) =>
              current.run(activityType, async () => {
                if (activityType === step && moment === 'start') die();
                const result = await next(input);
                if (activityType === step && moment === 'end') die();
                return result;
              }),
          },
        }),
      ],
    },
  });
