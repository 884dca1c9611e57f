export { CommandError } from './command.ts';
export { ensureTools } from './ensureTools.ts';
export { ensurePrograms } from './programs.ts';
export { TOOL_NAMES, ToolMissingError, type Log, type ToolName } from './tool.ts';
