import { expect, it } from 'vitest';
import { z } from 'zod';

import { computeSbom } from '../../../guest/image/sbom.ts';

const SHA256 = 'ab'.repeat(32);
const LIBSTDCXX = {
  name: 'libstdc++6',
  version: '1:12.2.0-14+deb12u1',
  architecture: 'amd64',
  source: 'gcc-12',
  sourceVersion: '12.2.0-14+deb12u1',
  maintainer: 'Debian GCC Maintainers <debian-gcc@lists.debian.org>',
};

/** What https://github.com/spdx/spdx-spec/blob/v2.3/schemas/spdx-schema.json asks of what we write. */
const id = z.string().regex(/^SPDXRef-[A-Za-z0-9.-]+$/);
const Spdx = z.object({
  spdxVersion: z.literal('SPDX-2.3'),
  dataLicense: z.literal('CC0-1.0'),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  name: z.string().min(1),
  documentNamespace: z.url(),
  creationInfo: z.object({
    created: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    creators: z.array(z.string().regex(/^(Tool|Person|Organization): \S/)).min(1),
  }),
  packages: z.array(
    z.object({
      SPDXID: id,
      name: z.string().min(1),
      versionInfo: z.string().min(1),
      downloadLocation: z.literal('NOASSERTION'),
      filesAnalyzed: z.literal(false),
      supplier: z
        .string()
        .regex(/^(Person|Organization): \S/)
        .optional(),
    }),
  ),
  relationships: z.array(
    z.object({
      spdxElementId: id,
      relationshipType: z.enum(['DESCRIBES', 'CONTAINS']),
      relatedSpdxElement: id,
    }),
  ),
});

it('the SBOM has the shape of SPDX 2.3, and every package has an identifier of its own', () => {
  const sbom = Spdx.parse(anSbom());

  const ids = sbom.packages.map(({ SPDXID }) => SPDXID);
  expect(new Set(ids).size).toBe(2);
  expect(sbom.relationships.map(({ relatedSpdxElement }) => relatedSpdxElement)).toEqual(ids);
});

it('the SBOM names a package as scanners for vulnerabilities know it', () => {
  const purls = anSbom().packages.flatMap((one) => ('externalRefs' in one ? one.externalRefs : []));

  expect(purls).toMatchObject([
    {
      referenceType: 'purl',
      referenceLocator: 'pkg:deb/debian/libstdc%2B%2B6@1%3A12.2.0-14%2Bdeb12u1?arch=amd64&distro=bookworm',
    },
  ]);
});

function anSbom() {
  const created = new Date('2026-11-24T10:00:00.123Z');
  return computeSbom({ name: 'innervisor-probe', sha256: SHA256, created, packages: [LIBSTDCXX] });
}
