/** The programs that the tests and the lab run for real. */
export const TOOL_NAMES = [
  'temporal',
  'prometheus',
  'promtool',
  'alertmanager',
  'amtool',
  'versitygw',
  'bats',
  'shellcheck',
  'fping',
  'jq',
  'prometheus-node-exporter',
  'sshd',
  'chromium-headless-shell',
  'zsh',
  'fish',
] as const;

/** What only the test of the stack of containers wants; made ready when it is asked for by name. */
export const STACK_TOOL_NAMES = [
  'busybox',
  'nc.traditional',
  'temporal-server',
  'temporal-ui',
  'prometheus-of-stack',
  'alertmanager-of-stack',
] as const;

/** The name of one of {@link TOOL_NAMES} or {@link STACK_TOOL_NAMES}. */
export type ToolName = (typeof TOOL_NAMES | typeof STACK_TOOL_NAMES)[number];

/** Takes one line about what is being fetched, because a fetch can take minutes. */
export type Log = (line: string) => void;

/** Says that a tool can't be had: which, why, and what to do, in one line. */
export class ToolMissingError extends Error {
  override readonly name = 'ToolMissingError';
  readonly tool: string;

  constructor(tool: string, why: string, whatToDo: string, options?: ErrorOptions) {
    super(`${tool}: ${why.replaceAll(/\s+/g, ' ').trim()}; ${whatToDo}`, options);
    this.tool = tool;
  }
}
