import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';

/** A name with an id. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** A user and what they may be. */
export interface User extends Named {
  readonly password: string;
  /** Names of roles by project id, in the order in which Keystone lists them. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
}

/** An application credential. */
export interface ApplicationCredential extends Named {
  readonly secret: string;
  readonly user: User;
  readonly project: Named;
}

/** A token; without a project it is unscoped. */
export interface Token {
  readonly id: string;
  readonly methods: readonly string[];
  readonly user: User;
  readonly project: Named | null;
  readonly auditId: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly credential: ApplicationCredential | null;
}

/** The password of every user, as in the real lab. */
export const PASSWORD = 'lab-secret';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Who there is, and which tokens they hold. */
export class Identity {
  readonly projects: readonly Named[];
  readonly users: readonly User[];
  readonly roles: ReadonlyMap<string, string>;
  readonly credentials: readonly ApplicationCredential[];
  readonly #tokens = new Map<string, Token>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lifetimeMs: number;

  constructor(clock: Clock, random: Random, lifetimeMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#lifetimeMs = lifetimeMs;
    const named = (name: string): Named => ({ id: random.hex(32), name });
    const [admin, service, probes, tenant] = [
      named('admin'),
      named('service'),
      named('probes'),
      named('tenant'),
    ];
    this.projects = [admin, service, probes, tenant];
    this.roles = new Map(['admin', 'member', 'reader', 'service'].map((name) => [name, random.hex(32)]));
    const user = (name: string, project: Named, roles: readonly string[]): User => ({
      ...named(name),
      password: PASSWORD,
      roles: new Map([[project.id, roles]]),
    });
    const prober = user('prober', probes, ['member', 'reader', 'admin']);
    this.users = [
      user('admin', admin, ['admin', 'member', 'reader']),
      prober,
      user('plain', tenant, ['member', 'reader']),
      user('viewer', probes, ['reader']),
    ];
    const secret = 'prober-app-secret';
    this.credentials = [{ ...named('prober-lab'), secret, user: prober, project: probes }];
  }

  /** @throws Error for a project that there isn't. */
  project(name: string): Named {
    const found = this.projects.find((project) => project.name === name);
    if (found === undefined) throw new Error(`no project ${name}`);
    return found;
  }

  /** Gives out a token. */
  issue(grant: Pick<Token, 'methods' | 'user' | 'project' | 'credential'>): Token {
    // Keystone writes whole seconds.
    const issuedAtMs = Math.floor(this.#clock.now() / 1_000) * 1_000;
    const token: Token = {
      ...grant,
      id: `gAAAAA${this.#random.text(177, BASE64URL)}`,
      auditId: this.#random.text(22, BASE64URL),
      issuedAtMs,
      expiresAtMs: issuedAtMs + this.#lifetimeMs,
    };
    this.#tokens.set(token.id, token);
    return token;
  }

  /** A token that is neither revoked nor expired. */
  find(id: string): Token | undefined {
    const token = this.#tokens.get(id);
    return token !== undefined && this.#clock.now() < token.expiresAtMs ? token : undefined;
  }

  /** Ends a token; says whether it was one. */
  revoke(id: string): boolean {
    return this.#tokens.delete(id);
  }
}
