import { z } from 'zod';

/**
 * How a server is tied to its hypervisor; both need admin by default.
 *
 * `requested`: the scheduler's filters are run, and a host that is down or unknown is refused soon.
 * `forced`: filters are not run, so that isolated aggregates are reached; on a dead host it stays in BUILD for ever.
 * The zone isn't checked against the host's, but remembered, so give the host's own.
 */
export type Pinning =
  | { readonly kind: 'requested'; readonly host: string; readonly hypervisorHostname: string }
  | { readonly kind: 'forced'; readonly zone: string; readonly host: string };

/** What `POST /servers` is asked for. */
export interface CreateServer {
  readonly name: string;
  readonly flavorId: string;
  readonly imageId: string;
  /** One port on each; empty is refused by Nova. */
  readonly networkIds: readonly string[];
  /** Names or ids; empty for the project's default. */
  readonly securityGroups: readonly string[];
  readonly keyName: string | null;
  readonly userDataBase64?: string | undefined;
  readonly configDrive: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** May hold no `,` and no `/`. */
  readonly tags: readonly string[];
  readonly pinning: Pinning;
}

/** The body of `POST /servers`. */
export function renderCreateServer(request: CreateServer): object {
  const { securityGroups, keyName, userDataBase64, pinning } = request;
  return {
    server: {
      name: request.name,
      flavorRef: request.flavorId,
      imageRef: request.imageId,
      networks: request.networkIds.map((uuid) => ({ uuid })),
      ...(securityGroups.length === 0 ? {} : { security_groups: securityGroups.map((name) => ({ name })) }),
      ...(keyName === null ? {} : { key_name: keyName }),
      ...(userDataBase64 === undefined ? {} : { user_data: userDataBase64 }),
      config_drive: request.configDrive,
      metadata: request.metadata,
      tags: request.tags,
      ...renderPinning(pinning),
    },
  };
}

/** Its part of that body. */
export function renderPinning(pinning: Pinning): object {
  return pinning.kind === 'requested'
    ? { host: pinning.host, hypervisor_hostname: pinning.hypervisorHostname }
    : { availability_zone: `${pinning.zone}:${pinning.host}` };
}

/** The answer to `POST /servers`; its `adminPass` is not read. */
export const createdServerSchema = z.object({ server: z.object({ id: z.string().min(1) }) });
