import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runGroup, type FailedRun } from './group.ts';
import { KILLS, SCENARIOS } from './kill.ts';
import { runKills } from './killMatrix.ts';
import { Tally } from './tally.ts';

const HELP = `Lets regions live under random changes and faults, and checks all laws from outside.

Usage: npm run test:faults -- [options]

  --runs N    how many regions (default 100)
  --seed S    where to begin; random by default. A failing run prints the seed that repeats it
  --group G   how many live at once, sharing servers and workers (default 12; 6 with --kills)
  --kills     instead of that, kill a worker with SIGKILL at four moments of every step
  --scenario S  with --kills: only in a pass, destruction, order or look
  --step S    with --kills: only this step
  -h, --help  this text

Examples:
  npm run test:faults -- --runs 12 --seed 4711
  npm run test:faults -- --kills --step createProbes

Exit codes: 0 no law was broken, 1 one was, 2 wrong usage`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
      group: { type: 'string' },
      kills: { type: 'boolean', default: false },
      scenario: { type: 'string' },
      step: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const group = values.group ?? (values.kills ? '6' : '12');
  const [runs, seed, size] = [Number(values.runs), Number(values.seed), Number(group)];
  if (![runs, seed, size].every((number) => Number.isSafeInteger(number) && number > 0)) {
    console.error('--runs, --seed and --group take whole numbers above 0; see --help');
    return 2;
  }
  return values.kills ? await killAll(size, values) : await liveAll(runs, seed, size);
}

async function liveAll(runs: number, seed: number, size: number): Promise<number> {
  const tally = new Tally();
  let failed = 0;
  try {
    for (let done = 0, group = seed; done < runs; group += 1) {
      const members = Math.min(size, runs - done);
      const failures = await runGroup(group, members, tally);
      done += members;
      failed += failures.length;
      console.log(`${done} of ${runs} runs, seed ${group}: ${failures.length} broke a law`);
      tell(failures);
      if (failures.length > 0)
        console.log(`  repeat it: npm run test:faults -- --runs ${members} --group ${size} --seed ${group}`);
    }
  } finally {
    console.log(tally.lines().join('\n'));
  }
  console.log(`${runs - failed} of ${runs} runs without a broken law; began with seed ${seed}`);
  return failed === 0 ? 0 : 1;
}

/** Which kills somebody wants; all of them where nothing is said. */
interface Wanted {
  readonly scenario?: string | undefined;
  readonly step?: string | undefined;
}

async function killAll(size: number, { scenario, step }: Wanted): Promise<number> {
  const tally = new Tally();
  const kills = KILLS.filter(
    (kill) =>
      (scenario === undefined || kill.scenario === scenario) && (step === undefined || kill.step === step),
  );
  if (kills.length === 0) {
    const steps = SCENARIOS.map((each) => {
      const own = KILLS.filter((kill) => kill.scenario === each).map((kill) => kill.step);
      return `  ${each}: ${[...new Set(own)].join(', ')}`;
    });
    console.error(['--scenario and --step take one of these and of its steps:', ...steps].join('\n'));
    return 2;
  }
  let failed = 0;
  for (let done = 0; done < kills.length; done += size) {
    const members = kills.slice(done, done + size);
    const failures = await runKills(members, tally);
    failed += failures.length;
    console.log(`${done + members.length} of ${kills.length} moments: ${failures.length} broke a law`);
    tell(failures);
  }
  console.log(tally.lines().join('\n'));
  console.log(`${tally.total('kills')} kills, ${failed} of them with a broken law`);
  return failed === 0 ? 0 : 1;
}

function tell(failures: readonly FailedRun[]): void {
  for (const { region, broken, diary } of failures) {
    console.log([`  ${region}:`, ...broken.map((law) => `    BROKEN ${law}`)].join('\n'));
    for (const line of diary) console.log(`      ${line}`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
