import { absolutePath, mapping } from './fields.ts';
import { listenAddress, parseListen } from './listen.ts';

/** Key `serviceDiscovery`: where a worker serves the targets of regions that publish by `http`. */
export const serviceDiscoverySchema = mapping({
  listen: listenAddress('127.0.0.1:9464')
    .nullable()
    .describe('Address and port at which a worker serves targets, or `null` where another worker does.')
    .default('127.0.0.1:9464'),
  tokenFile: absolutePath('name the file with the bearer token that Prometheus has to give')
    .describe('A file with the bearer token that Prometheus has to give; needed unless `listen` is loopback.')
    .optional(),
})
  .refine(({ listen, tokenFile }) => tokenFile !== undefined || listen === null || isLoopback(listen), {
    path: ['tokenFile'],
    error:
      'missing; without it, everybody who reaches serviceDiscovery.listen reads the names of your hypervisors',
  })
  .transform(({ listen, tokenFile }) => ({
    listen: listen === null ? null : parseListen(listen),
    ...(tokenFile === undefined ? {} : { tokenFile }),
  }));

function isLoopback(listen: string): boolean {
  const { host } = parseListen(listen);
  return host === 'localhost' || host === '::1' || /^127\.[0-9.]+$/.test(host);
}
