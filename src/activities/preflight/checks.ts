import type { PreflightCheck } from '../../domain/preflight.ts';
import { classify, isClientError } from '../failures.ts';

/** As many names as a person wants to read. */
export const NAMED_MAX = 3;

/** All is as a pass needs it. */
export const passed = (check: string, detail: string): PreflightCheck => ({ check, status: 'pass', detail });

/** A pass would go through, but not as one might expect. */
export const warned = (check: string, detail: string, cure: string): PreflightCheck => ({
  ...{ check, status: 'warn', detail, cure },
});

/** A pass would fail. */
export const failed = (check: string, detail: string, cure: string): PreflightCheck => ({
  ...{ check, status: 'fail', detail, cure },
});

/** What the account isn't shown, or only a pass can tell. */
export const unknown = (check: string, detail: string, cure: string): PreflightCheck => ({
  ...{ check, status: 'unknown', detail, cure },
});

type Found = PreflightCheck | readonly PreflightCheck[];

/** What a check throws is what it found, if it is a client's: its message says where, why and what to do. */
export async function attempt(check: string, look: () => Promise<Found>): Promise<readonly PreflightCheck[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    if (!isClientError(error)) throw error;
    return [failed(check, error.message, 'see the message; access and addresses are in innervisor.yaml')];
  }
}

/** As {@link attempt}, for what a pass doesn't need to see itself: not being shown it is no failure. */
export async function attemptToSee(
  check: string,
  cure: string,
  look: () => Promise<Found>,
): Promise<readonly PreflightCheck[]> {
  return await attempt(check, async () => {
    try {
      return await look();
    } catch (error) {
      const kind = isClientError(error) ? classify(error).kind : undefined;
      if (kind !== 'forbidden' && kind !== 'notFound') throw error;
      return unknown(check, "it can't be seen with this account's rights, or not in this cloud", cure);
    }
  });
}
