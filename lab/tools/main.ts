/** Prepares every tool and prints where each is: `npm run tools [-- name…]`. */
import { ensureTools } from './ensureTools.ts';
import { STACK_TOOL_NAMES, TOOL_NAMES, type ToolName } from './tool.ts';

const ALL: readonly ToolName[] = [...TOOL_NAMES, ...STACK_TOOL_NAMES];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !isToolName(name));

if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${ALL.join(', ')}`);
  process.exitCode = 2;
} else {
  await prepare(asked.length > 0 ? asked.filter(isToolName) : TOOL_NAMES);
}

async function prepare(names: readonly ToolName[]): Promise<void> {
  try {
    const paths = await ensureTools(names, (line) => console.error(line));
    for (const name of names) console.log(`${name} → ${paths[name]}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

function isToolName(name: string): name is ToolName {
  return ALL.some((known) => known === name);
}
