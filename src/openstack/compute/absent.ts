import { OpenStackError } from '../error.ts';

/**
 * Takes Nova's own word that there is no such thing for an answer; a proxy's 404 is `misconfigured` and goes on.
 */
export async function absentAs<Found, Absent>(
  absent: Absent,
  request: () => Promise<Found>,
): Promise<Found | Absent> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof OpenStackError && error.code === 'notFound') return absent;
    throw error;
  }
}
