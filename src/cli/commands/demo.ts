import type { Command } from 'commander';
import { addManual } from '../help.ts';

/** `innervisor demo`. */
export function addDemoCommand(program: Command): void {
  const command = program
    .command('demo')
    .description(
      'start a whole region on this machine, on a simulated cloud; only in a checkout of the sources',
    )
    .argument('[options...]', 'those of the demo; after -- its --help tells them')
    .allowUnknownOption()
    .action(async (options: readonly string[]) => {
      const { runDemo } = await import('../demo.ts');
      process.exitCode = await runDemo(options);
    });
  addManual(command, {
    notes: ['The same as npm run demo. It stays up until Ctrl-C, and leaves nothing behind.'],
    examples: [
      ['innervisor demo', 'and change the cloud at its prompt'],
      ['innervisor demo --once', 'two passes, of which the second one changes nothing'],
    ],
  });
}
