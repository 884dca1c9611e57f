import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { readLogSettings } from '../../../src/config/worker.ts';
import { createLogger, type LoggerOptions } from '../../../src/telemetry/logger.ts';

/** Clears the screen, ends a line, turns the rest of a line around and begins a new one in two more ways. */
const HOSTILE = 'a\u001B[2Jb\nc\u202Ed\u2028e\u009Bf';
/** What the logger itself may write at a terminal. */
// eslint-disable-next-line no-control-regex -- these characters are what is looked for
const COLOURS = /\u001B\[\d+m/g;
const STEP = {
  activityType: 'createProbes',
  attempt: 2,
  workflowId: 'region/luxembourg',
  workflowRunId: 'r-1',
  taskToken: 'c2VjcmV0',
  namespace: 'default',
};

function logging(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  return { lines, logger: createLogger({ level: 'info', format: 'json', write, ...options }) };
}

function parsed(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? '') as Record<string, unknown>;
}

describe('a line of the log', () => {
  test('says region, step, attempt and run in the words of the product, and leaves the task’s token out', () => {
    const { logger, lines } = logging();

    logger.info('createProbes done', { ...STEP, durationMs: 12 });

    const { time, ...fields } = parsed(lines[0]);
    expect(Date.parse(String(time))).toBeGreaterThan(0);
    expect(fields).toEqual({
      level: 'info',
      message: 'createProbes done',
      region: 'luxembourg',
      step: 'createProbes',
      attempt: 2,
      workflowId: 'region/luxembourg',
      runId: 'r-1',
      durationMs: 12,
    });
  });

  test('holds an error with kind and causes, and nothing that a library has hung onto it', () => {
    const { logger, lines } = logging();
    const cause = Object.assign(new Error('refused'), { request: { headers: { 'x-auth-token': 's3cret' } } });
    const failure = ApplicationFailure.create({ type: 'unavailable', message: 'nobody answers', cause });

    logger.warn('Activity failed', { error: failure });

    expect(parsed(lines[0])).toMatchObject({
      error: { kind: 'unavailable', message: 'nobody answers', cause: { name: 'Error', message: 'refused' } },
    });
    expect(lines[0]).not.toContain('s3cret');
  });

  test('stays one line in either format, whatever a server has said', () => {
    const names = { hypervisor: HOSTILE, short: HOSTILE.replaceAll('\n', '') };
    for (const format of ['json', 'text'] as const) {
      const { logger, lines } = logging({ format });

      logger.error(HOSTILE, names);

      expect(lines).toHaveLength(1);
      expect(lines[0]?.replaceAll(COLOURS, '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(lines[0]).toContain(String.raw`a\u001b[2Jb\nc\u202ed\u2028e\u009bf`);
      if (format === 'json') expect(parsed(lines[0])).toMatchObject({ message: HOSTILE, ...names });
    }
  });

  test('is left out below the level', () => {
    const { logger, lines } = logging({ level: 'warn' });

    logger.info('not this');
    logger.warn('but this');

    expect(lines.map((line) => parsed(line)['message'])).toEqual(['but this']);
  });
});

describe('level and format', () => {
  const CONFIGURED = { logLevel: 'info', logFormat: 'auto' } as const;

  test('come from the environment before the configuration', () => {
    const environment = { INNERVISOR_LOG_LEVEL: 'DEBUG', INNERVISOR_LOG_FORMAT: 'json' };

    expect(readLogSettings(environment, CONFIGURED)).toEqual({ level: 'debug', format: 'json' });
    expect(readLogSettings({}, CONFIGURED)).toEqual({ level: 'info', format: 'auto' });
  });

  test('are refused with the words that there are', () => {
    expect(() => readLogSettings({ INNERVISOR_LOG_LEVEL: 'loud' }, CONFIGURED)).toThrow(
      'INNERVISOR_LOG_LEVEL must be one of error, warn, info, debug, trace',
    );
  });
});
