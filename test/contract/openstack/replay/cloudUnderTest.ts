import type { Exemptions } from './varying.ts';

/** Users that the recordings were made with, by their names in `clouds.yaml`. */
export type Who = 'admin' | 'prober' | 'plain' | 'viewer';

/** The services that the recordings speak to. */
export type Service = 'identity' | 'compute' | 'placement' | 'image' | 'network';

/** Where the recorded requests went. */
export const RECORDED_ORIGINS: Readonly<Record<Service, string>> = {
  identity: 'http://127.0.0.1:15000',
  compute: 'http://127.0.0.1:18774',
  placement: 'http://127.0.0.1:18778',
  image: 'http://127.0.0.1:19292',
  network: 'http://127.0.0.1:19696',
};

/** A hypervisor's misbehaviour, in the words of the lab (`docs/openstack-lab.md`). */
export type HostFault = Readonly<Record<string, number | string | boolean>>;

/** A cloud that must answer as the recordings do: a real one or a simulated one. */
export interface CloudUnderTest {
  /** What each recorded origin is here; a prefix of a path may stand behind it. */
  readonly origins: Readonly<Record<Service, string>>;
  /** The text of a `clouds.yaml` with the logins of {@link Who}. */
  readonly cloudsYaml: string;
  /** Service hosts, five or more, all of them up, enabled and empty. */
  readonly hosts: readonly string[];
  /** What of its answers isn't compared. */
  readonly exempt: Exemptions;
  /** Stops the compute service of a host at once; Nova sees it down some time later. */
  killCompute(host: string): void | Promise<void>;
  /** Starts it again; resolves when Nova sees it up. */
  reviveCompute(host: string): void | Promise<void>;
  setFault(host: string, fault: HostFault): void | Promise<void>;
  clearFault(host: string): void | Promise<void>;
  /** Lets a little time pass in the cloud: waits, or moves its clock. */
  passTime(): void | Promise<void>;
}
