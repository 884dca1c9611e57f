import type { TargetOwner } from '../../domain/target.ts';
import { readTargetGroups, writeTargetGroups } from '../../prometheus/fileSd.ts';
import { refuseForeign, type TargetsPublisher } from './publisher.ts';

/** Publishes to a file of this machine, which Prometheus reads there (file_sd). */
export function createFilePublisher(path: string, owner: TargetOwner): TargetsPublisher {
  const check = async (): Promise<void> => {
    refuseForeign((await readTargetGroups(path)) ?? [], path, owner);
  };
  return {
    isFile: true,
    advice: `check that a scrape job's file_sd_configs reads ${path} and look at prometheus_sd_file_read_errors_total`,
    check,
    publish: async (groups) => {
      await check();
      return await writeTargetGroups(path, groups);
    },
  };
}
