import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';

/** Where the histories lie, and the page that says what each holds. */
export const HISTORIES = new URL('../../fixtures/histories/', import.meta.url);

/** One run of a workflow, as it was recorded. */
export interface RecordedHistory {
  /** Of its file, without the ending. */
  readonly name: string;
  readonly type: string;
  /** What has a lock refuses to run under another one. */
  readonly workflowId: string;
  /** Ids of the patches whose new way it took, in its order. */
  readonly patches: readonly string[];
  readonly history: ReturnType<typeof historyFromJSON>;
}

/** Reads all histories, sorted by name. */
export async function readHistories(): Promise<readonly RecordedHistory[]> {
  const files = (await readdir(fileURLToPath(HISTORIES))).filter((file) => file.endsWith('.json'));
  return await Promise.all(files.toSorted().map(readRecorded));
}

async function readRecorded(file: string): Promise<RecordedHistory> {
  const history = historyFromJSON(JSON.parse(await readFile(new URL(file, HISTORIES), 'utf8')));
  const [first, ...others] = history.events ?? [];
  const { workflowType, workflowId } = first?.workflowExecutionStartedEventAttributes ?? {};
  if (typeof workflowType?.name !== 'string' || typeof workflowId !== 'string')
    throw new Error(`${file} doesn't begin with the start of a workflow`);
  const patches = others.flatMap(({ markerRecordedEventAttributes: marker }) =>
    marker?.markerName === 'core_patch' ? [patchIn(marker.details?.['patch-data']?.payloads?.[0]?.data)] : [],
  );
  return { name: file.replace(/\.json$/, ''), type: workflowType.name, workflowId, patches, history };
}

/** Temporal's core writes a patch as `{"id":"…","deprecated":…}`. */
function patchIn(data: Uint8Array | null | undefined): string {
  return (JSON.parse(Buffer.from(data ?? []).toString()) as { id: string }).id;
}
