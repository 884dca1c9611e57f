import { Life } from '../../scenario/life.ts';
import { eventually } from '../../support/await.ts';
import type { SimCloud } from '../simCloud.ts';

/** So many hypervisors are drained. */
export const DRAINED = 3;

/** A region in which so many hypervisors were drained that the next pass wants to remove more than the guard allows. */
export async function beginDrained(cloud: SimCloud): Promise<Life> {
  const life = await Life.populated(cloud);
  for (const host of life.hosts.slice(0, DRAINED)) await cloud.disable(host);
  await eventually(async () => (await life.stack.pass()).plan.marks === DRAINED, {
    ...life.patience('the first pass to remember the drained hypervisors'),
  });
  return life;
}
