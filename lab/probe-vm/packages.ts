import { randomUUID } from 'node:crypto';

/** A Debian package in an image. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** Reads lines of `name version architecture`. */
export function parsePackages(text: string): readonly Package[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', version = '', architecture = ''] = line.split(' ');
      return { name, version, architecture };
    });
}

/** How packages differ from the recorded ones: a line each, none when they don't. */
export function comparePackages(recorded: readonly Package[], actual: readonly Package[]): readonly string[] {
  const [before, now] = [recorded, actual].map(
    (packages) => new Map(packages.map(({ name, version }) => [name, version])),
  ) as [Map<string, string>, Map<string, string>];
  const names = [...new Set([...before.keys(), ...now.keys()])].toSorted();
  return names
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => `${name}: ${before.get(name) ?? 'not there'} → ${now.get(name) ?? 'not there'}`);
}

/**
 * The bill of materials of an image.
 * @see https://cyclonedx.org/docs/1.5/json/ and https://github.com/package-url/purl-spec
 */
export function renderSbom(image: { readonly sha256: string }, packages: readonly Package[]): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${randomUUID()}`,
    version: 1,
    metadata: {
      timestamp: new Date().toISOString(),
      component: {
        type: 'operating-system',
        name: 'innervisor-probe',
        version: image.sha256.slice(0, 12),
        hashes: [{ alg: 'SHA-256', content: image.sha256 }],
      },
    },
    components: packages.map(({ name, version, architecture }) => {
      const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-12`;
      return { type: 'library', 'bom-ref': purl, name, version, purl };
    }),
  };
}
