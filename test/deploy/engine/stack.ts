import { chown, mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { OwnedProcess } from '../../../lab/servers/process.ts';
import { eventually } from '../../support/await.ts';
import { interpolate, ROOT, type Compose, type Service } from '../compose.ts';
import { environmentOf } from '../processes.ts';
import { makeContainer, type Container, type Ended, type Mount } from './container.ts';
import type { Image } from './images.ts';
import type { Network } from './network.ts';

const HEALTHY_TIMEOUT_MS = 120_000;
/** https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities */
const CAPABILITIES =
  'chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write setfcap';

/** A service that has been started. */
export interface Started {
  readonly service: Service;
  readonly container: Container;
  /** Absent where it ends by itself. */
  readonly process?: OwnedProcess;
  /** How its health check ended before it was started. */
  readonly before?: Ended;
}

/** What {@link Stack} needs. */
export interface StackOptions {
  readonly compose: Compose;
  /** Of the variables in `docker-compose.yml`. */
  readonly values: ReadonlyMap<string, string>;
  readonly images: Readonly<Record<string, Image>>;
  readonly network: Network;
  readonly folder: string;
}

/**
 * Does with `docker-compose.yml` what Docker does, but for pulling images: a service without one is left out, and what
 * is done to it once.
 */
export class Stack implements AsyncDisposable {
  readonly #options: StackOptions;
  readonly #services = new Map<string, Promise<Started | undefined>>();
  readonly #ending = new AsyncDisposableStack();

  constructor(options: StackOptions) {
    this.#options = options;
  }

  /** Starts a service after those that it depends on; resolves once it is healthy or has ended. */
  up(name: string): Promise<Started | undefined> {
    const present = this.#services.get(name);
    if (present !== undefined) return present;
    const starting = this.#start(name);
    this.#services.set(name, starting);
    return starting;
  }

  /** @throws Error when it isn't in the stack or was left out. */
  async get(name: string): Promise<Started> {
    const started = await this.#services.get(name);
    if (started === undefined) throw new Error(`${name} wasn't started`);
    return started;
  }

  /** Runs the program of a service that ends by itself. @throws Error with what it says when it fails. */
  async run(name: string, { service, container }: Started): Promise<void> {
    const { code, stderr } = await container.exec(...this.#commandOf(service));
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ending.disposeAsync();
  }

  async #start(name: string): Promise<Started | undefined> {
    const { compose } = this.#options;
    const service = compose.services[name] ?? {};
    const needs = await Promise.all(Object.keys(service.depends_on ?? {}).map((other) => this.up(other)));
    const isLost = isAwaited(compose, name) && needs.includes(undefined);
    if (isLost || this.#imageOf(service) === undefined) return undefined;
    const container = this.#ending.use(await this.#makeContainer(name, service));
    if (isAwaited(compose, name)) {
      await this.run(name, { service, container });
      return { service, container };
    }
    const before = await checkHealth({ service, container });
    const process = await container.start(this.#commandOf(service));
    await eventually(
      async () => !process.isAlive() || ((await checkHealth({ service, container }))?.code ?? 0) === 0,
      { timeoutMs: HEALTHY_TIMEOUT_MS, intervalMs: 250, describe: `${name} to be healthy` },
    ).catch((error: unknown) => {
      throw new Error(`${name}: ${process.lastOutput()}`, { cause: error });
    });
    if (!process.isAlive()) throw new Error(`${name} has ended: ${process.lastOutput()}`);
    return { service, container, process, ...(before === undefined ? {} : { before }) };
  }

  async #makeContainer(name: string, service: Service): Promise<Container> {
    const { folder, network, values } = this.#options;
    const image = this.#imageOf(service);
    if (image === undefined) throw new TypeError(`${name} has no image`);
    const own = join(folder, name);
    await mkdir(own);
    const { cap_add: added = [], cap_drop: dropped = [], read_only: readOnly = false } = service;
    const usual = dropped.includes('ALL') ? [] : CAPABILITIES.split(' ');
    return await makeContainer(network, {
      name,
      folder: own,
      mounts: [
        ...(await writeUsers(own, image)),
        ...image.mounts,
        ...(await this.#mountsOf(service, image)),
        ...(service.tmpfs ?? []).map((target) => ({ source: 'tmpfs', target, readOnly: false })),
      ],
      environment: { ...image.environment, ...environmentOf(service.environment ?? {}, values) },
      user: numbersOf(interpolate(service.user ?? image.user, values)),
      capabilities: [...usual, ...added.map((one) => one.toLowerCase())],
      noNewPrivileges: (service.security_opt ?? []).includes('no-new-privileges:true'),
      readOnly,
      workdir: image.workdir ?? '/',
      setup: image.setup ?? '',
    });
  }

  /** Volumes, files and secrets. */
  async #mountsOf({ volumes = [], secrets = [] }: Service, image: Image): Promise<readonly Mount[]> {
    const { compose, folder, values } = this.#options;
    const mounts = volumes.map(async (text) => {
      const [source = '', target = '', mode] = interpolate(text, values).split(':');
      const isVolume = source in compose.volumes;
      const place = isVolume ? join(folder, 'volumes', source) : pathOf(source);
      if (isVolume) await makeVolume(place, image.ownFolder === target ? image.user : '0:0');
      return { source: place, target, readOnly: mode === 'ro' };
    });
    const hidden = secrets.map((secret) => ({
      source: pathOf(interpolate(compose.secrets[secret]?.file ?? '', values)),
      target: `/run/secrets/${secret}`,
      readOnly: true,
    }));
    return [...(await Promise.all(mounts)), ...hidden];
  }

  #commandOf(service: Service): readonly string[] {
    const { values } = this.#options;
    const { entrypoint = [], command = [] } = this.#imageOf(service) ?? {};
    const words =
      service.entrypoint === undefined
        ? [...entrypoint, ...(service.command ?? command)]
        : [...service.entrypoint, ...(service.command ?? [])];
    return words.map((word) => interpolate(word, values));
  }

  #imageOf({ image = '' }: Service): Image | undefined {
    return this.#options.images[image.split(':')[0] ?? ''];
  }
}

/** Asks as Docker does; `undefined` where there is nothing to ask. */
export async function checkHealth({
  service,
  container,
}: Pick<Started, 'service' | 'container'>): Promise<Ended | undefined> {
  const { healthcheck } = service;
  if (healthcheck === undefined) return undefined;
  const [kind, ...command] = healthcheck.test;
  if (kind !== 'CMD') throw new Error(`a health check is given as ${kind}`);
  return await container.exec(...command);
}

function isAwaited({ services }: Compose, name: string): boolean {
  return Object.values(services).some(
    ({ depends_on: needs = {} }) => needs[name]?.condition === 'service_completed_successfully',
  );
}

/** The image's own user has a name; one that the stack gives has none. */
async function writeUsers(folder: string, { user }: Image): Promise<readonly Mount[]> {
  const [uid = '', gid = ''] = user.split(':');
  const [passwd, group] = [join(folder, 'passwd'), join(folder, 'group')];
  const own = uid === '0' ? '' : `own:x:${uid}:${gid}::/:/bin/sh\n`;
  await writeFile(passwd, `root:x:0:0::/root:/bin/sh\n${own}`);
  await writeFile(group, `root:x:0:\n${gid === '0' ? '' : `own:x:${gid}:\n`}`);
  return [
    { source: passwd, target: '/etc/passwd', readOnly: true },
    { source: group, target: '/etc/group', readOnly: true },
  ];
}

/** A new volume belongs to whom the image's folder belongs in whose place it is mounted, or to root. */
async function makeVolume(path: string, user: string): Promise<void> {
  const isNew = (await mkdir(path, { recursive: true })) !== undefined;
  const [uid, gid] = user.split(':').map(Number);
  if (isNew && uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

function pathOf(source: string): string {
  return isAbsolute(source) ? source : join(ROOT, source);
}

function numbersOf(user: string): string {
  return user === 'root' ? '0:0' : user;
}
