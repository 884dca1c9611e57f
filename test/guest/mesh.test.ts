import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { computeMesh } from '../../src/domain/mesh.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/mesh');
const EXPORTER = join(import.meta.dirname, '../../guest/root/usr/local/lib/innervisor');
const PYTHON = `
import json, sys
sys.path.insert(0, sys.argv[1])
from mesh import compute_mesh
case = json.load(open(sys.argv[2]))
print(json.dumps(compute_mesh(case["probes"], case["peersMax"], case["watchers"])))
`;

const Case = z.object({
  peersMax: z.number(),
  watchers: z.number(),
  probes: z.array(z.object({ probe_id: z.string(), availability_zone: z.string().nullable() })),
  watchersOf: z.record(z.string(), z.array(z.string())),
});

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe.each(await readdir(FIXTURES))('the mesh of %s', (file) => {
  const path = join(FIXTURES, file);

  it('is what the domain computes', async () => {
    const { probes, watchersOf, ...size } = Case.parse(JSON.parse(await readFile(path, 'utf8')));

    expect(Object.fromEntries(computeMesh(probes, size, digest))).toEqual(watchersOf);
  });

  it('is what a probe computes', async () => {
    const { watchersOf } = Case.parse(JSON.parse(await readFile(path, 'utf8')));

    const { stdout } = await promisify(execFile)('python3', ['-c', PYTHON, EXPORTER, path]);

    expect(JSON.parse(stdout)).toEqual(watchersOf);
  });
});
