/** How we prove who we are. */
export type HttpAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** The headers by which we prove who we are. */
export function authHeaders(auth: HttpAuth): Record<string, string> {
  if (auth.kind === 'none') return {};
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` };
  const pair = Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64');
  return { authorization: `Basic ${pair}` };
}

/** Cuts an answer down to one line for a message, without any secret of ours that it may echo. */
export function quoteBody(auth: HttpAuth, body: string): string {
  const line = redact(auth, body).slice(0, 2_000).replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** The text with our secrets blotted out. */
export function redact(auth: HttpAuth, text: string): string {
  const header = authHeaders(auth)['authorization']?.split(' ')[1];
  const secrets = [header, auth.kind === 'basic' ? auth.password : undefined];
  return secrets.reduce<string>((rest, secret) => (secret ? rest.replaceAll(secret, '***') : rest), text);
}
