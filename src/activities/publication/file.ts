import type { TargetGroup, TargetOwner } from '../../domain/target.ts';
import {
  checkTargetsFolder,
  readTargetGroups,
  removeTargetGroups,
  writeTargetGroups,
} from '../../prometheus/fileSd.ts';
import { describeFileAdvice, refuseForeign, refuseFull, type TargetsPublisher } from './publisher.ts';

/** Publishes to a file of this machine, which Prometheus reads there (file_sd). */
export function createFilePublisher(path: string, owner: TargetOwner): TargetsPublisher {
  const read = async (): Promise<readonly TargetGroup[] | undefined> => {
    const groups = await readTargetGroups(path);
    refuseForeign(groups ?? [], path, owner);
    return groups;
  };
  return {
    isFile: true,
    place: path,
    advice: describeFileAdvice(path),
    check: async () => {
      const groups = await read();
      await checkTargetsFolder(path);
      return groups === undefined ? 'absent' : 'present';
    },
    tryWriting: () => checkTargetsFolder(path),
    publish: async (groups) => {
      await read();
      return await writeTargetGroups(path, groups);
    },
    remove: async () => {
      refuseFull((await read()) ?? [], path);
      await removeTargetGroups(path);
    },
  };
}
