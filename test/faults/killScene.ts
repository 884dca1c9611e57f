import type { Stack } from '../../lab/stack/index.ts';
import type { Outside } from './outside.ts';
import type { Passes } from './passes.ts';
import type { TestedRegion } from './region.ts';
import type { Watch } from './watch.ts';

/** A region in which a worker will be killed, and what a scenario needs to play there. */
export interface KillScene {
  readonly region: TestedRegion;
  readonly stack: Stack;
  readonly passes: Passes;
  readonly outside: Outside;
  readonly watch: Watch;
  /** Does something during which the worker is killed when its moment comes. */
  readonly underKill: <T>(act: () => Promise<T>) => Promise<T>;
}

/** Plays one scenario from a region without any probe; gives what was wrong in the end. */
export type PlayedScenario = (scene: KillScene) => Promise<readonly string[]>;
