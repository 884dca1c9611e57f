#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCodes } from './errors.ts';
import { createProgram } from './program.ts';
import { printError } from './terminal/messages.ts';

// Whoever reads has seen enough, as `head` does: no failure, and nobody is there to be told.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.ok);
});

const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) throw error;
  const { describeError } = await import('./describeError.ts');
  const { message, hint } = describeError(error);
  printError(message, hint);
  process.exitCode = exitCodes.failed;
}
