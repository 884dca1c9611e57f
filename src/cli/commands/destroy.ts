import { Argument, Option, type Command } from 'commander';
import type { DestroyOptions } from '../actions/destroy.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption } from '../options.ts';

/** `innervisor destroy`. */
export function addDestroyCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('destroy')
    .description(
      'remove every probe, target, list, silence and the schedule of a region, after you have confirmed it',
    )
    .addArgument(new Argument('<region>', 'a region of innervisor.yaml'))
    .option('--dry-run', 'only show what would be removed', false)
    .addOption(new Option('--yes <region>', 'confirm without being asked: the name of the region once more'))
    .option(
      '--force-down',
      'also delete probes on hypervisors that are down, though their guests may live on, and where no hypervisor is listed',
      false,
    )
    .addOption(outputOption())
    .action(async (region: string, options: DestroyOptions) => {
      const { destroy } = await import('../actions/destroy.ts');
      process.exitCode = await destroy(await invocation.config(), region, options);
    });
  addManual(command, {
    notes: [
      'Shows what there is of the region and asks for its name. Then the schedule goes, and all else as a pass removes it: silenced,\nlet go of by Prometheus and the list of peers, deleted, and its documents last. What another installation has, and servers\nwithout our whole mark, stay. Plans and reports of passes stay in S3. Ctrl-C at the question removes nothing and exits with 1.',
      'It is refused while Nova leaves out a server that the region is known to have, and where Nova lists no hypervisor at all. A\nprobe on a hypervisor that is down stays, and stays watched; destroy again when the hypervisor is back. --force-down is for\nmachines that are off or gone for good. Silences end when no rule can alert on what was removed, which takes as long as\nalertmanager.rulesRangeSeconds. Ctrl-C detaches: it goes on, and innervisor cancel stops it.',
    ],
    examples: [
      ['innervisor destroy luxembourg --dry-run', 'look what there is'],
      ['innervisor destroy luxembourg', 'look, confirm, remove'],
      ['innervisor destroy luxembourg --yes luxembourg --output json', 'for programs'],
    ],
    exits: [exitCodes.changes, exitCodes.degraded, exitCodes.alreadyRunning, exitCodes.detached],
  });
}
