import { posix } from 'node:path';
import type { PreflightCheck } from '../../domain/preflight.ts';
import { getAnonymously } from '../../objectstore/anonymous.ts';
import type { ObjectStore } from '../../objectstore/client.ts';
import { ObjectStoreError } from '../../objectstore/error.ts';
import type { PassInput, StepDeps } from '../deps.ts';
import { attempt, failed, passed, unknown } from './checks.ts';

const JSON_TYPE = { contentType: 'application/json' } as const;
const PEERS_BYTES_MAX = 64 * 1_024 * 1_024;
const GUEST_TIMEOUT_MS = 10_000;
/** No version of any object has it. */
const NO_VERSION = '"00000000000000000000000000000000"';

/** Whether documents and the list of peers can be written as passes do: on a condition. */
export async function checkStorage(
  deps: StepDeps,
  { pass }: PassInput,
  signal: AbortSignal,
): Promise<readonly PreflightCheck[]> {
  const { artifacts, artifactsPrefix, peersStore, peersKey, region } = deps;
  const scratch = `preflight-${pass}.json`;
  const besidePeers = `${peersKey}.${scratch}`;
  const checks = await Promise.all([
    attempt('artifacts in S3', async () => {
      const prefix = `${artifactsPrefix}${region}/`;
      await artifacts.listObjects(prefix, { max: 1 }, signal);
      const flaw = await tryConditions(artifacts, `${prefix}${scratch}`, signal);
      if (flaw !== undefined) return failed('artifacts in S3', ...flaw);
      return passed(
        'artifacts in S3',
        `objects below ${prefix} can be listed, written on a condition and removed`,
      );
    }),
    attempt('peers in S3', () => checkPeers(peersStore, peersKey, besidePeers, signal)),
  ]);
  return [
    ...checks.flat(),
    ...(await attempt('peers for guests', () => checkGuests(deps, besidePeers, signal))),
  ];
}

type Flaw = readonly [detail: string, cure: string];

/** Writes and removes an object of its own, and sees that a condition that doesn't hold keeps a write back. */
async function tryConditions(
  store: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<Flaw | undefined> {
  try {
    // An attempt before this one may have been killed and have left it.
    await store.deleteObject(key, signal);
    const heedsAbsence = await isHeldBack(store, key, { ifMatch: NO_VERSION }, signal);
    if (heedsAbsence) await store.putObject(key, '{}', { ...JSON_TYPE, ifNoneMatch: '*' }, signal);
    const heeds =
      heedsAbsence &&
      (await isHeldBack(store, key, { ifNoneMatch: '*' }, signal)) &&
      (await isHeldBack(store, key, { ifMatch: NO_VERSION }, signal));
    if (heeds) return undefined;
    return [
      `${key} was written though the condition of the write did not hold`,
      'take an S3 server with conditional writes: without them two installations overwrite each other',
    ];
  } finally {
    await store.deleteObject(key, signal);
  }
}

async function isHeldBack(
  store: ObjectStore,
  key: string,
  condition: { readonly ifNoneMatch: '*' } | { readonly ifMatch: string },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await store.putObject(key, '{}', { ...JSON_TYPE, ...condition }, signal);
    return false;
  } catch (error) {
    if (error instanceof ObjectStoreError && error.code === 'preconditionFailed') return true;
    throw error;
  }
}

/**
 * The list itself is asked for a write that can't happen, and only where the server has shown beside it that it heeds
 * conditions: rights are looked at before conditions are.
 */
async function checkPeers(
  store: ObjectStore,
  key: string,
  scratch: string,
  signal: AbortSignal,
): Promise<PreflightCheck> {
  const head = await store.headObject(key, signal);
  const what = head === undefined ? `${key} isn't there yet` : `${key} is there`;
  try {
    const flaw = await tryConditions(store, scratch, signal);
    if (flaw !== undefined) return failed('peers in S3', ...flaw);
  } catch (error) {
    if (!(error instanceof ObjectStoreError) || error.code !== 'forbidden') throw error;
    const detail = `${what}; nothing may be written beside it, so that trying it has no safe way`;
    return unknown('peers in S3', detail, `see that the account may write ${key}; the first pass tells`);
  }
  await isHeldBack(store, key, { ifMatch: NO_VERSION }, signal);
  return passed('peers in S3', `${what}, and may be written`);
}

/**
 * Whether guests, who have no credentials, may read the list: where it isn't there yet, what lies beside it for a moment.
 * Of a list that is absent a server says the same as of one that is forbidden.
 */
async function checkGuests(deps: StepDeps, scratch: string, signal: AbortSignal): Promise<PreflightCheck> {
  const { peersStore, peersKey, peersUrl } = deps;
  if ((await peersStore.headObject(peersKey, signal)) !== undefined)
    return await readAsGuest(deps, '', signal);
  const check = 'peers for guests';
  const cure = `see that anyone may read ${peersUrl}; the first pass tells`;
  if (!new URL(peersUrl).pathname.endsWith(peersKey))
    return unknown(check, `${peersKey} isn't there yet, and ${peersUrl} has another name`, cure);
  try {
    await peersStore.putObject(scratch, '{}', JSON_TYPE, signal);
  } catch (error) {
    if (!(error instanceof ObjectStoreError) || error.code !== 'forbidden') throw error;
    return unknown(check, `${peersKey} isn't there yet, and nothing may be written beside it`, cure);
  }
  try {
    return await readAsGuest(deps, scratch.slice(peersKey.length), signal);
  } finally {
    await peersStore.deleteObject(scratch, signal);
  }
}

async function readAsGuest(
  { peersUrl, peersCa, peersKey }: StepDeps,
  suffix: string,
  signal: AbortSignal,
): Promise<PreflightCheck> {
  const check = 'peers for guests';
  const limits = { maxBytes: PEERS_BYTES_MAX, timeoutMs: GUEST_TIMEOUT_MS, ca: peersCa ?? undefined };
  try {
    await getAnonymously(`${peersUrl}${suffix}`, limits, signal);
    return passed(check, `what lies at ${peersUrl} can be read without credentials`);
  } catch (error) {
    if (!(error instanceof ObjectStoreError)) throw error;
    const { code, message } = error;
    if (code === 'timeout' || code === 'unreachable')
      return unknown(check, `${message}, from here`, 'see that the probes reach it; the first pass tells');
    return failed(
      check,
      message,
      `let anyone read the objects below ${posix.dirname(peersKey)}/: a policy of the bucket`,
    );
  }
}
