export { ensureTools } from './ensureTools.ts';
export { TOOL_NAMES, ToolMissingError, type Log, type ToolName } from './tool.ts';
