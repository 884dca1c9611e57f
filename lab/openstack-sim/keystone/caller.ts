/** Who makes a call, and in which project. */
export interface Caller {
  readonly userId: string;
  readonly userName: string;
  readonly projectId: string;
  readonly roles: readonly string[];
}

/** A call of a route that needs no token. */
export const NOBODY: Caller = { userId: '', userName: '', projectId: '', roles: [] };

/** By Zed's default policy an admin in one project is an admin everywhere. */
export function isAdmin(caller: Caller): boolean {
  return caller.roles.includes('admin');
}
