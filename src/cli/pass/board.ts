import { renderProgress } from '../render/progress.ts';
import { openLiveBlock } from '../terminal/live.ts';
import { paintFor } from '../terminal/paint.ts';
import { renderDuration } from '../terminal/units.ts';
import { nameStep } from './steps.ts';
import type { Follower } from './wait.ts';
import type { PassView } from './watch.ts';

const REDRAW_EVERY_MS = 200;

/** Where people see how passes go on. */
export interface Board {
  follower(region: string): Follower;
  /** Prints text among the progress; a live board goes on below it. */
  say(text: string): void;
  /** Holds a live board still, so that a person can be asked; the result lets it go on. */
  pause(): () => void;
  close(): void;
}

/** A live board at a terminal; elsewhere a line for each thing that becomes known. */
export function openBoard(stream: NodeJS.WriteStream): Board {
  return stream.isTTY ? openLiveBoard(stream) : openPlainBoard(stream);
}

function openLiveBoard(stream: NodeJS.WriteStream): Board {
  const paint = paintFor(stream);
  const block = openLiveBlock(stream);
  const views = new Map<string, PassView>();
  const waits = new Map<string, string>();
  let isPaused = false;
  const draw = (): void => {
    if (isPaused) return;
    const nowMs = Date.now();
    const waiting = [...waits].map(([region, why]) => `${paint('strong', region)} ${why}`);
    block.draw([...waiting, ...[...views.values()].flatMap((view) => renderProgress(view, nowMs, paint))]);
  };
  const timer = setInterval(draw, REDRAW_EVERY_MS);
  return {
    follower: (region) => ({
      waits: (why) => void waits.set(region, why),
      shows: (view) => {
        waits.delete(region);
        views.set(region, view);
      },
    }),
    say(text) {
      block.draw([]);
      stream.write(`${text}\n`);
      draw();
    },
    pause() {
      block.draw([]);
      isPaused = true;
      return () => {
        isPaused = false;
      };
    },
    close() {
      clearInterval(timer);
      draw();
      block.leave();
    },
  };
}

function openPlainBoard(stream: NodeJS.WriteStream): Board {
  const print = (line: string): void => void stream.write(`${line}\n`);
  return {
    follower(region) {
      const said = new Set<string>();
      // What comes again in another look has been said already.
      const sayOnce = (key: string, line: string): void => {
        if (!said.has(key)) print(line);
        said.add(key);
      };
      let step = '';
      return {
        waits: (why) => print(`${region} ${why}`),
        shows(view) {
          const at = `${region} ${renderDuration(Date.now() - view.startedMs)}`;
          const { progress } = view;
          if (progress !== undefined && progress.step !== step) print(`${at} ${progress.step}`);
          step = progress?.step ?? step;
          for (const { activity, attempt, why } of view.retries)
            sayOnce(
              `${activity} ${attempt}`,
              `${at} ${nameStep(activity)}: attempt ${attempt}, because: ${why}`,
            );
          for (const [activity, said] of Object.entries(view.told))
            sayOnce(`${activity} ${said}`, `${at} ${nameStep(activity)}: ${said}`);
          for (const { activity, probeFailures } of view.steps)
            for (const { hypervisor, message } of probeFailures)
              sayOnce(`${activity} ${hypervisor}`, `${at} ${nameStep(activity)}: ${hypervisor}: ${message}`);
        },
      };
    },
    say: print,
    pause: () => () => undefined,
    close: () => undefined,
  };
}
