import type { Clock } from '../core/clock.ts';
import { isoSeconds } from '../core/time.ts';
import { Refusal, type Answer } from '../http/call.ts';
import { cutPage, nextQuery } from '../http/page.ts';
import type { Route } from '../http/router.ts';
import { createService, type Service } from '../http/service.ts';
import type { Origins } from '../keystone/catalog.ts';
import type { Identity } from '../keystone/identity.ts';
import { createTokenCheck } from '../keystone/tokenCheck.ts';
import type { Image } from './image.ts';

/** What Glance knows. */
export interface GlanceParts {
  readonly identity: Identity;
  readonly origins: Origins;
  readonly clock: Clock;
  readonly images: ReadonlyMap<string, Image>;
  readonly onUnknown: (what: string) => void;
}

const VERSIONS = [15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
const LIMIT_DEFAULT = 25;

/** Makes Glance. */
export function createGlance(parts: GlanceParts): Service {
  const { identity, origins, clock, images } = parts;
  return createService({
    name: 'glance',
    prefix: '/v2',
    routes: [versions(origins), ...imageRoutes(images)],
    authenticate: createTokenCheck('glance', identity, clock, () => `${origins.keystone}/v3`),
    decorate: (answer, call) =>
      call.path === '/'
        ? answer
        : { ...answer, headers: { 'x-openstack-request-id': call.requestId, ...answer.headers } },
    malformed: () => glanceError(400, 'Bad Request', 'Malformed JSON in request body.'),
    onUnknown: parts.onUnknown,
  });
}

function glanceError(code: number, title: string, message: string): Answer {
  return { status: code, body: { message: `${message}<br /><br />\n\n\n`, code: `${code} ${title}`, title } };
}

function versions(origins: Origins): Route {
  const links = [{ rel: 'self', href: `${origins.glance}/v2/` }];
  const list = VERSIONS.map((minor, index) => ({
    id: `v2.${minor}`,
    status: index === 0 ? 'CURRENT' : 'SUPPORTED',
    links,
  }));
  return { method: 'GET', path: '/', open: true, answer: () => ({ status: 300, body: { versions: list } }) };
}

function imageRoutes(images: ReadonlyMap<string, Image>): Route[] {
  return [
    {
      method: 'GET',
      path: '/images',
      query: ['name', 'status', 'id', 'limit', 'marker'],
      answer: ({ query, target }) => {
        const name = query.get('name')?.replace(/^eq:/, '');
        const status = query.get('status');
        const id = query.get('id');
        const found = [...images.values()].filter(
          (image) =>
            (name === undefined || image.name === name) &&
            (status === null || image.status === status) &&
            (id === null || image.id === id),
        );
        const limit = Number(query.get('limit') ?? LIMIT_DEFAULT);
        const marker = query.get('marker');
        const page = cutPage(found, (image) => image.id, { marker, limit });
        if (page === undefined) {
          throw new Refusal(glanceError(404, 'Not Found', `No image found with ID ${marker ?? ''}`));
        }
        const first = new URLSearchParams(query);
        first.delete('marker');
        const next = page.next === undefined ? {} : { next: `/v2/images?${nextQuery(query, page.next)}` };
        return {
          status: 200,
          body: {
            images: page.items.map(renderImage),
            first: marker === null ? target : `/v2/images?${first.toString()}`,
            ...next,
            schema: '/v2/schemas/images',
          },
        };
      },
    },
    {
      method: 'GET',
      path: '/images/{id}',
      answer: ({ params }) => {
        const image = images.get(params['id'] ?? '');
        if (image !== undefined) return { status: 200, body: renderImage(image) };
        throw new Refusal(glanceError(404, 'Not Found', `No image found with ID ${params['id'] ?? ''}`));
      },
    },
  ];
}

function renderImage(image: Image): object {
  return {
    os_distro: 'cirros',
    hw_disk_bus: 'virtio',
    name: image.name,
    disk_format: 'raw',
    container_format: 'bare',
    visibility: 'public',
    size: 960,
    virtual_size: 960,
    status: image.status,
    checksum: image.checksum,
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: image.owner,
    os_hidden: false,
    os_hash_algo: 'sha512',
    os_hash_value: image.hash,
    id: image.id,
    created_at: isoSeconds(image.createdMs),
    updated_at: isoSeconds(image.createdMs + 1_000),
    tags: [],
    self: `/v2/images/${image.id}`,
    file: `/v2/images/${image.id}/file`,
    schema: '/v2/schemas/image',
    stores: 'lab',
  };
}
