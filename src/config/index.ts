export { ConfigError, renderFindings, type ConfigFinding } from './error.ts';
export { findConfigPath, loadConfig, parseConfig } from './load.ts';
export { taskQueueOf } from './taskQueue.ts';
export type { Config, RegionConfig } from './schema.ts';
