/** Everything real around a cloud: servers, worker and command. */
export type { CommandResult } from './command.ts';
export {
  startStack,
  type KnownPorts,
  type Stack,
  type StackAddresses,
  type StackMonitoring,
  type StackOptions,
  type WorkerOptions,
} from './stack.ts';
export { readPassHistory, type PassHistory } from './passHistory.ts';
