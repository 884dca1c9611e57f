import { Option, type Command } from 'commander';
import type { BeginOptions, MaintenanceOptions } from '../actions/maintenance.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';
import { UNTIL } from './freeze.ts';

const EXITS = [exitCodes.held, exitCodes.degraded, exitCodes.frozen, exitCodes.detached];

/** `innervisor maintenance begin|end|list`. */
export function addMaintenanceCommand(program: Command, invocation: Invocation): void {
  const maintenance = program
    .command('maintenance')
    .description('hypervisors that somebody works on, and that carry no probe meanwhile');
  const begin = takeHypervisor(
    maintenance
      .command('begin')
      .description('take a hypervisor into maintenance, and wait until its probe is gone'),
  )
    .requiredOption('--until <when>', `when it ends by itself: ${UNTIL}`)
    .option('--reason <text>', 'why; shown with who and until when', 'maintenance')
    .addOption(outputOption())
    .action(async (hypervisor: string, options: BeginOptions) => {
      const { beginMaintenance } = await import('../actions/maintenance.ts');
      process.exitCode = await beginMaintenance(await invocation.config(), hypervisor, options);
    });
  addManual(begin, {
    notes: [
      'Runs a pass, or joins one that has started since, and returns once the probe is gone: silenced, let go of by Prometheus and the\npeers, deleted; also where there was none. Said again, the newer end and reason hold. Removals count for the guard: where it\nholds the plan you are asked at a terminal, and elsewhere the pass waits for innervisor approve. While the hypervisor is down\nits probe stays. Ends with 4 where the probe couldn’t be removed; the order stands, and the next pass goes on.',
    ],
    examples: [
      [
        'innervisor maintenance begin cmp003 --region luxembourg --until 4h --reason CHG-1234',
        'before a drain',
      ],
      ['innervisor maintenance begin cmp003 --region luxembourg --until 4h --detach', 'without waiting'],
    ],
    exits: EXITS,
  });
  const end = takeHypervisor(
    maintenance
      .command('end')
      .description('end a hypervisor’s maintenance, and wait until its probe is back'),
  )
    .addOption(outputOption())
    .action(async (hypervisor: string, options: MaintenanceOptions) => {
      const { endMaintenance } = await import('../actions/maintenance.ts');
      process.exitCode = await endMaintenance(await invocation.config(), hypervisor, options);
    });
  addManual(end, {
    notes: [
      'Enable the hypervisor first. Runs a pass, or joins one that has started since, and returns once the probe stands, is published\nand has passed its checks; ends with 0 too where configuration wants none there, and with 4 where it isn’t back, with the\nreason. A hypervisor that wasn’t in maintenance is looked after all the same.',
    ],
    examples: [['innervisor maintenance end cmp003 --region luxembourg', 'after the work']],
    exits: EXITS,
  });
  const list = takeRegions(
    maintenance.command('list').description('show which hypervisors are in maintenance, until when and why'),
  )
    .addOption(outputOption())
    .action(async (named: readonly string[], options: Parameters<typeof takeList>[0]) => {
      await takeList(options, named, invocation);
    });
  addManual(list, {
    notes: ['A worker reads it. Without a region, every region.'],
    examples: [['innervisor maintenance list', 'of every region']],
  });
}

async function takeList(
  options: { readonly all: boolean; readonly output: MaintenanceOptions['output'] },
  named: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { listMaintenance } = await import('../actions/maintenance.ts');
  process.exitCode = await listMaintenance(await invocation.config(), named, options);
}

function takeHypervisor(command: Command): Command {
  return command
    .argument('<hypervisor>', 'its name, with or without the domain')
    .option('-r, --region <region>', 'its region; may be left out where innervisor.yaml has only one')
    .addOption(new Option('--wait', 'wait for the probe, as it does anyway').conflicts('detach'))
    .addOption(new Option('--detach', 'start a pass and return at once').default(false));
}
