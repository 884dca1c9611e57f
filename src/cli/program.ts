import { Command, Help, type Option } from 'commander';
import pack from '../../package.json' with { type: 'json' };
import { addCancelCommand } from './commands/cancel.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addConfigCommand } from './commands/config.ts';
import { addDashboardsCommand } from './commands/dashboards.ts';
import { addDecideCommand } from './commands/decide.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDestroyCommand } from './commands/destroy.ts';
import { addFreezeCommands } from './commands/freeze.ts';
import { addMaintenanceCommand } from './commands/maintenance.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addPreflightCommand } from './commands/preflight.ts';
import { addProbesCommand } from './commands/probes.ts';
import { addPublishedCommands } from './commands/published.ts';
import { addReconcileCommand } from './commands/reconcile.ts';
import { addRulesCommand } from './commands/rules.ts';
import { addScheduleCommand } from './commands/schedule.ts';
import { addStatusCommand } from './commands/status.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { addWorkerCommand } from './commands/worker.ts';
import { renderExits } from './help.ts';
import { createInvocation } from './invocation.ts';

/** The whole command line, before any argument is parsed. */
export function createProgram(): Command {
  const program = new Command('innervisor')
    .description('Monitoring of OpenStack hypervisors from the inside: one small probe VM on each.')
    .version(pack.version)
    .option(
      '-c, --config <file>',
      'configuration (default: $INNERVISOR_CONFIG, ./innervisor.yaml, /etc/innervisor/innervisor.yaml)',
    )
    .configureHelp({ optionDescription: describeOption })
    .showHelpAfterError('hint: the same with --help says more')
    .addHelpText(
      'after',
      `
The connection to Temporal comes from temporal.toml or TEMPORAL_*. Results go to stdout, all else to stderr; colour is used at
a terminal unless NO_COLOR is set.

${renderExits()}`,
    );
  const invocation = createInvocation(program);
  addPreflightCommand(program, invocation);
  addPlanCommand(program, invocation);
  addReconcileCommand(program, invocation);
  addVerifyCommand(program, invocation);
  addStatusCommand(program, invocation);
  addDecideCommand(program, invocation, 'approve');
  addDecideCommand(program, invocation, 'reject');
  addCancelCommand(program, invocation);
  addMaintenanceCommand(program, invocation);
  addFreezeCommands(program, invocation);
  addScheduleCommand(program, invocation);
  addDestroyCommand(program, invocation);
  addProbesCommand(program, invocation);
  addPublishedCommands(program, invocation);
  addWorkerCommand(program, invocation);
  addRulesCommand(program, invocation);
  addConfigCommand(program, invocation);
  addDashboardsCommand(program);
  addDemoCommand(program);
  addCompletionCommand(program, invocation);
  return program;
}

/** That a switch is off by default goes without saying. */
function describeOption(option: Option): string {
  return option.isBoolean() ? option.description : new Help().optionDescription(option);
}
