import type { InstalledPackage } from './packages.ts';

const DOCUMENT = 'SPDXRef-DOCUMENT';
const IMAGE = 'SPDXRef-Image';

/** What an SBOM is about. */
export interface SbomSubject {
  readonly name: string;
  /** Hex; of the image that these packages are in. */
  readonly sha256: string;
  readonly created: Date;
  readonly packages: readonly InstalledPackage[];
}

/** Makes an SPDX 2.3 document of the packages in the image: https://spdx.github.io/spdx-spec/v2.3/ */
export function computeSbom({ name, sha256, created, packages }: SbomSubject) {
  const image = {
    SPDXID: IMAGE,
    name,
    versionInfo: sha256,
    checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }],
    primaryPackagePurpose: 'OPERATING-SYSTEM',
    ...UNKNOWN,
  };
  const relationships = [
    { spdxElementId: DOCUMENT, relationshipType: 'DESCRIBES', relatedSpdxElement: IMAGE },
    ...packages.map((one) => ({
      spdxElementId: IMAGE,
      relationshipType: 'CONTAINS',
      relatedSpdxElement: idOf(one),
    })),
  ];
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${name}-${sha256}`,
    creationInfo: {
      created: created.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: ['Tool: innervisor-guest-image'],
    },
    packages: [image, ...packages.map(describe)],
    relationships,
  };
}

/** The specification wants these said, also where nobody has looked; licences stand in /usr/share/doc of the image. */
const UNKNOWN = {
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
} as const;

function describe(one: InstalledPackage) {
  return {
    SPDXID: idOf(one),
    name: one.name,
    versionInfo: one.version,
    supplier: `Organization: ${one.maintainer}`,
    sourceInfo: `built from ${one.source} ${one.sourceVersion}`,
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purlOf(one) },
    ],
    ...UNKNOWN,
  };
}

/** https://github.com/package-url/purl-spec/blob/main/types-doc/deb-definition.md */
function purlOf({ name, version, architecture }: InstalledPackage): string {
  return `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=bookworm`;
}

/** An identifier takes letters, digits, `.` and `-`; a Debian name has `+` besides. */
function idOf({ name, architecture }: InstalledPackage): string {
  return `SPDXRef-Package-${name.replaceAll('+', '.plus.')}-${architecture}`;
}
