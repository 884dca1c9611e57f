import { posix } from 'node:path';
import type { TargetOwner } from '../../domain/target.ts';
import { checkFileName, parseTargets, renderTargets } from '../../prometheus/targetsText.ts';
import type { SftpClient } from '../../sftp/client.ts';
import { TARGETS_BYTES_MAX } from './limits.ts';
import { describeFileAdvice, refuseForeign, refuseFull, type TargetsPublisher } from './publisher.ts';

/** Publishes to a file on another host, which Prometheus reads there (file_sd). */
export function createSftpPublisher(
  client: SftpClient,
  file: { readonly host: string; readonly path: string },
  owner: TargetOwner,
): TargetsPublisher {
  const { host, path } = file;
  const place = `${path} on ${host}`;
  const read = async (signal: AbortSignal): Promise<string | undefined> => {
    const text = await client.readFile(path, { maxBytes: TARGETS_BYTES_MAX }, signal);
    if (text !== undefined) refuseForeign(parseTargets(text, place), place, owner);
    return text;
  };
  return {
    isFile: true,
    place,
    advice: describeFileAdvice(place),
    check: async (signal) => ((await read(signal)) === undefined ? 'absent' : 'present'),
    tryWriting: async (signal) => {
      // Prometheus watches no file of such a name.
      const beside = posix.join(posix.dirname(path), `.${posix.basename(path)}.preflight.tmp`);
      await client.replaceFile(beside, '[]\n', signal);
      await client.removeFile(beside, signal);
    },
    publish: async (groups, signal) => {
      checkFileName(path);
      const text = renderTargets(groups, place);
      if ((await read(signal)) === text) return 'unchanged';
      await client.replaceFile(path, text, signal);
      return 'written';
    },
    remove: async (signal) => {
      const text = await read(signal);
      if (text === undefined) return;
      refuseFull(parseTargets(text, place), place);
      await client.removeFile(path, signal);
    },
  };
}
