import { imageSchema, type Image } from './image.ts';
import { listPages } from '../paging.ts';
import type { ServiceClient } from '../service-client.ts';

/**
 * Glance. Throws `OpenStackError`, or the signal's reason when that is aborted.
 * @see https://docs.openstack.org/api-ref/image/v2/
 */
export interface ImageClient {
  /** Images of exactly this name, of any status; names aren't unique. */
  listImages(filter: { readonly name: string }, signal?: AbortSignal): Promise<readonly Image[]>;
}

/** Makes the client of Glance over a session; sends nothing yet. */
export function createImageClient(glance: ServiceClient): ImageClient {
  return {
    async listImages({ name }, signal) {
      const images = await listPages(
        glance,
        {
          purpose: 'list images',
          route: '/images',
          // Glance takes what stands before a colon for an operator and refuses those that it doesn't know.
          query: { name: name.includes(':') ? `eq:${name}` : name },
          collection: 'images',
        },
        imageSchema,
        signal,
      );
      // A database that compares without regard to case gives more than was asked for.
      return images.filter((image) => image.name === name);
    },
  };
}
