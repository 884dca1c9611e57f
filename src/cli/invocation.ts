import type { Command } from 'commander';
import type { Config } from '../config/index.ts';

/** What every command is given of how the program was called. */
export interface Invocation {
  /** @throws ConfigError where there is no file. */
  configPath(): Promise<string>;
  /** @throws ConfigError with everything that is wrong. */
  config(): Promise<Config>;
}

/** Reads the options that stand before or after a command's name. */
export function createInvocation(program: Command): Invocation {
  const configPath = async (): Promise<string> => {
    const { findConfigPath } = await import('../config/index.ts');
    return await findConfigPath(program.opts<{ config?: string }>().config);
  };
  return {
    configPath,
    config: async () => {
      const { loadConfig } = await import('../config/index.ts');
      return await loadConfig(await configPath());
    },
  };
}
