const ATTEMPT_TIMEOUT_MS = 1000;

/** Tells whether this address answers a GET with a success. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch (error) {
    // Refused, reset and timed out all mean: not yet.
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
