import type { TargetOwner } from '../../domain/target.ts';
import { checkTargetsFolder, readTargetGroups, writeTargetGroups } from '../../prometheus/fileSd.ts';
import { describeFileAdvice, refuseForeign, type TargetsPublisher } from './publisher.ts';

/** Publishes to a file of this machine, which Prometheus reads there (file_sd). */
export function createFilePublisher(path: string, owner: TargetOwner): TargetsPublisher {
  const refuse = async (): Promise<void> => {
    refuseForeign((await readTargetGroups(path)) ?? [], path, owner);
  };
  return {
    isFile: true,
    advice: describeFileAdvice(path),
    check: async () => {
      await refuse();
      await checkTargetsFolder(path);
    },
    publish: async (groups) => {
      await refuse();
      return await writeTargetGroups(path, groups);
    },
  };
}
