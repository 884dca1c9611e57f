import { member, NotModelled, objectIn, type Answer, type Call } from '../http/call.ts';
import { coldMigrate, confirmResize, revertResize } from './coldMigration.ts';
import { requestDelete } from './deletion.ts';
import { isAdmin } from '../keystone/caller.ts';
import { novaError, requireAdmin } from './errors.ts';
import { liveMigrate } from './migration.ts';
import type { Server, VmState } from './servers.ts';
import { schedule, setState, type World } from './world.ts';

const CONSOLE = ['FAKE CONSOLE OUTPUT', 'ANOTHER', 'LAST LINE'];
const ACCEPTED: Answer = { status: 202 };

type Action = (world: World, server: Server, call: Call, argument: unknown) => Answer;

const ACTIONS: Readonly<Record<string, Action>> = {
  'os-migrateLive': (world, server, call, argument) => {
    requireAdmin(call.caller, 'os_compute_api:os-migrate-server:migrate_live');
    checkUnlocked(server, call);
    checkState(server, 'os-migrateLive', ['active', 'paused']);
    note(world, server, call, 'live-migration', 'compute_live_migration');
    liveMigrate(world, server, call, member(argument, 'host'));
    return ACCEPTED;
  },
  migrate: (world, server, call, argument) => {
    requireAdmin(call.caller, 'os_compute_api:os-migrate-server:migrate');
    checkUnlocked(server, call);
    checkState(server, 'migrate', ['active', 'stopped']);
    coldMigrate(world, server, call, argument);
    note(world, server, call, 'migrate', 'compute_finish_resize');
    return ACCEPTED;
  },
  confirmResize: (world, server, call) => {
    checkUnlocked(server, call);
    checkState(server, 'confirmResize', ['resized']);
    note(world, server, call, 'confirmResize', 'compute_confirm_resize');
    confirmResize(world, server);
    return { status: 204 };
  },
  revertResize: (world, server, call) => {
    checkUnlocked(server, call);
    checkState(server, 'revertResize', ['resized']);
    note(world, server, call, 'revertResize', 'compute_revert_resize');
    revertResize(world, server);
    return ACCEPTED;
  },
  pause: halt('pause', { task: 'pausing', vm: 'paused', power: 3 }),
  unpause: goOn('unpause', { from: 'paused', task: 'unpausing' }),
  suspend: halt('suspend', { task: 'suspending', vm: 'suspended', power: 4 }),
  resume: goOn('resume', { from: 'suspended', task: 'resuming' }),
  'os-resetState': (world, server, call, argument) => {
    requireAdmin(call.caller, 'os_compute_api:os-admin-actions:reset_state');
    const state = member(argument, 'state');
    if (state !== 'error' && state !== 'active') {
      throw novaError(
        400,
        `Invalid input for field/attribute state. Value: ${String(state)}. '${String(state)}' is not one of ['active', 'error']`,
      );
    }
    setState(world, server, { vm: state, task: null });
    return ACCEPTED;
  },
  'os-stop': (world, server, call) => {
    checkUnlocked(server, call);
    checkState(server, 'stop', ['active', 'error']);
    note(world, server, call, 'stop', 'compute_stop_instance');
    later(world, server, 'powering-off', () => {
      world.guests.end(server);
      setState(world, server, { vm: 'stopped', task: null, power: 4 });
    });
    return ACCEPTED;
  },
  'os-start': (world, server, call) => {
    checkUnlocked(server, call);
    checkState(server, 'start', ['stopped']);
    note(world, server, call, 'start', 'compute_start_instance');
    later(world, server, 'powering-on', () => {
      world.guests.boot(server);
      setState(world, server, { vm: 'active', task: null, power: 1 });
    });
    return ACCEPTED;
  },
  reboot: (world, server, call, argument) => {
    checkUnlocked(server, call);
    checkState(server, 'reboot', ['active', 'stopped', 'paused', 'suspended', 'error']);
    note(world, server, call, 'reboot', 'compute_reboot_instance');
    if (member(argument, 'type') !== 'HARD') throw new NotModelled('a soft reboot');
    later(world, server, 'rebooting_hard', () => {
      world.guests.end(server);
      world.guests.boot(server);
      setState(world, server, { vm: 'active', task: null, power: 1 });
    });
    return ACCEPTED;
  },
  lock: (_, server, { minor }, argument) => {
    server.locked = true;
    const reason = minor >= 73 ? member(argument, 'locked_reason') : undefined;
    server.lockedReason = typeof reason === 'string' ? reason : null;
    return ACCEPTED;
  },
  unlock: (_, server) => {
    server.locked = false;
    server.lockedReason = null;
    return ACCEPTED;
  },
  forceDelete: (world, server, call) => {
    checkUnlocked(server, call);
    checkNoTask(server, 'forceDelete');
    requestDelete(world, server, true);
    return ACCEPTED;
  },
  'os-getConsoleOutput': (_, server, __, argument) => {
    if (server.host === null) throw novaError(409, `Instance ${server.id} is not ready`);
    const length = member(argument, 'length');
    const lines =
      typeof length === 'number' && length >= 0 ? CONSOLE.slice(-length || CONSOLE.length) : CONSOLE;
    return { status: 200, body: { output: lines.join('\n') } };
  },
};

/** Its guest stands still, which nobody can tell from one that has ended. */
function halt(
  action: string,
  by: { readonly task: string; readonly vm: VmState; readonly power: number },
): Action {
  return (world, server, call) => {
    checkUnlocked(server, call);
    checkState(server, action, ['active']);
    note(world, server, call, action, `compute_${action}_instance`);
    later(world, server, by.task, () => {
      world.guests.end(server);
      setState(world, server, { vm: by.vm, task: null, power: by.power });
    });
    return ACCEPTED;
  };
}

function goOn(action: string, by: { readonly from: VmState; readonly task: string }): Action {
  return (world, server, call) => {
    checkUnlocked(server, call);
    checkState(server, action, [by.from]);
    note(world, server, call, action, `compute_${action}_instance`);
    later(world, server, by.task, () => {
      world.guests.boot(server);
      setState(world, server, { vm: 'active', task: null, power: 1 });
    });
    return ACCEPTED;
  };
}

/** `POST /servers/{id}/action`. */
export function act(world: World, server: Server, call: Call): Answer {
  const [name = '', ...others] = Object.keys(objectIn({ body: call.body }, 'body'));
  const action = ACTIONS[name];
  if (action === undefined || others.length > 0) throw new NotModelled(`server action ${name}`);
  return action(world, server, call, member(call.body, name));
}

/** Something that its host does in a while; a dead host doesn't. */
function later(world: World, server: Server, task: string, done: () => void): void {
  setState(world, server, { task });
  const { host } = server;
  if (host === null) return;
  schedule(world, server, world.settings.durations.poweringMs, () => {
    if (host.diedMs === null) done();
  });
}

/** @throws Refusal for a server that is locked, unless for an administrator, whom no lock holds. */
export function checkUnlocked(server: Server, { caller }: Call): void {
  if (server.locked && !isAdmin(caller)) throw novaError(409, `Instance ${server.id} is locked`);
}

/** @throws Refusal for a server in another state than these, or busy. */
export function checkState(server: Server, action: string, allowed: readonly VmState[]): void {
  if (!allowed.includes(server.vmState)) throw wrongState(server, action, `vm_state ${server.vmState}`);
  checkNoTask(server, action);
}

function checkNoTask(server: Server, action: string): void {
  if (server.taskState !== null) throw wrongState(server, action, `task_state ${server.taskState}`);
}

function wrongState(server: Server, action: string, where: string): Error {
  return novaError(409, `Cannot '${action}' instance ${server.id} while it is in ${where}`);
}

function note(world: World, server: Server, call: Call, action: string, event: string): void {
  const nowMs = world.clock.now();
  server.actions.push({
    action,
    requestId: call.requestId,
    userId: call.caller.userId,
    projectId: call.caller.projectId,
    startMs: nowMs,
    finishMs: nowMs,
    event,
    host: server.host?.name ?? null,
  });
}
