import { whoAmI } from '../pass/approval.ts';

/** What is written into a schedule for whoever looks at it next: what was done to it, why, by whom and when. */
export function noteOf(what: string, reason?: string): string {
  const moment = new Date().toISOString().replace(/\.\d+/, '');
  return `${reason === undefined ? '' : `${reason}; `}${what} by ${whoAmI()} at ${moment}`;
}
