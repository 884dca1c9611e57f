const NAME_LENGTH_MAX = 100;

/**
 * What somebody calls themselves, fit to be shown. A name may hold anything, and is shown at terminals and as Markdown,
 * so only what names are made of is kept.
 */
export function readableName(said: string): string {
  return said.slice(0, NAME_LENGTH_MAX).replaceAll(/[^\p{L}\p{N}@.' -]/gu, '?');
}
