/**
 * The JSON that a URL answers.
 *
 * @throws Error for any status outside of 2xx.
 */
export async function fetchJson(url: string): Promise<unknown> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return await answer.json();
}
