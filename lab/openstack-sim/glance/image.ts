import type { Random } from '../core/random.ts';

/** An image that servers can be made of. */
export interface Image {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'queued' | 'deactivated';
  readonly owner: string;
  readonly checksum: string;
  readonly hash: string;
  readonly createdMs: number;
}

/** Makes an active one. */
export function createImage(name: string, owner: string, createdMs: number, random: Random): Image {
  const id = random.uuid();
  return { id, name, status: 'active', owner, checksum: random.hex(32), hash: random.hex(128), createdMs };
}
