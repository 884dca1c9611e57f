/** The longest text of a service that goes into a message, in characters. */
const QUOTE_CHARS_MAX = 300;

/** How much of an answer is looked at to find that text, in characters. */
const SCANNED_CHARS_MAX = 10_000;

/** How many tokens are remembered as secrets: the one in use and those that calls under way still carry. */
const TOKENS_MAX = 8;

/** Secrets that nobody told us of: Fernet tokens, and values that stand behind a telling name. */
const TELLING =
  /gAAAA[\w%=-]{20,}|(?<=(?:password|adminpass|secret|token)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}]+)/gi;

/** Makes texts of others fit for a message. */
export interface Quoter {
  /** Remembers a token, so that it is hidden from now on. */
  addToken(token: string): void;
  /** One short line without HTML, control characters and secrets. */
  quote(text: string): string;
}

/** Makes a quoter that hides these secrets, also where they are escaped as JSON or in a URL. */
export function createQuoter(secrets: readonly string[]): Quoter {
  const tokens: string[] = [];

  function forms(): string[] {
    return [...secrets, ...tokens]
      .filter((secret) => secret !== '')
      .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  }

  /** The end of what is looked at may be the beginning of a secret, so that as much is dropped. */
  function hide(text: string): string {
    const known = forms();
    const scanned = known.reduce(
      (rest, form) => rest.replaceAll(form, '***'),
      text.slice(0, SCANNED_CHARS_MAX),
    );
    const unsure = text.length > SCANNED_CHARS_MAX ? Math.max(0, ...known.map((form) => form.length)) : 0;
    return scanned.slice(0, scanned.length - unsure).replace(TELLING, '***');
  }

  return {
    addToken(token) {
      tokens.push(token);
      if (tokens.length > TOKENS_MAX) tokens.shift();
    },
    quote(text) {
      const line = hide(text)
        .replace(/<(script|style|title)\b.*?<\/\1>/gis, ' ')
        .replace(/<\/?[a-z!][^>]*>/gi, ' ')
        .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
        .trim();
      return line.length > QUOTE_CHARS_MAX ? `${line.slice(0, QUOTE_CHARS_MAX)}…` : line;
    },
  };
}
