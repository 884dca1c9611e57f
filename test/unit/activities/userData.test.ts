import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { renderUserData, renderUserDataTemplate } from '../../../src/activities/userData.ts';
import { sha256 } from '../../support/builders.ts';
import { NEW_PROBE, readUserData, userDataDeps } from '../../support/userData.ts';

const GUEST = join(import.meta.dirname, '../../../guest/root');
const LIMIT = 65_535;

describe('the user-data of a probe', () => {
  it('fits well into what Nova takes', () => {
    const { length } = renderUserData(userDataDeps(), NEW_PROBE);

    console.log(`user-data: ${length} of ${LIMIT} bytes in base64`);
    expect(length).toBeLessThan(LIMIT / 2);
  });

  it('is refused with what to do when it would not fit', () => {
    // Addresses that don't pack.
    const publicTargets = Array.from({ length: 4_000 }, (_, i) => sha256(String(i)));

    expect(() => renderUserData(userDataDeps({ publicTargets }), NEW_PROBE)).toThrow(
      /bytes in base64, and Nova takes 65535; shorten the lists under regions\.luxembourg\.probe/,
    );
  });

  it('tells the probe who and where it is', () => {
    const { files } = readUserData(renderUserData(userDataDeps(), NEW_PROBE));

    expect(JSON.parse(files.get('/etc/innervisor/probe.json')?.content ?? '')).toMatchObject({
      region: 'luxembourg',
      installation: 'prod',
      hypervisor: 'cmp001.lab.example',
      availability_zone: 'nova',
      probe_id: '0a1b2c3d',
      peers_max: 64,
      watchers: 20,
      peer_networks: ['10.0.0.0/8'],
      exporter_port: 9374,
    });
  });

  it('brings every file of the guest as it is, the agent among them as a program', () => {
    const { files } = readUserData(renderUserData(userDataDeps(), NEW_PROBE));

    const agent = files.get('/usr/local/bin/innervisor-agent');
    expect(agent).toEqual({
      permissions: '0755',
      content: readFileSync(join(GUEST, 'usr/local/bin/innervisor-agent'), 'utf8'),
    });
    expect(files.get('/usr/local/lib/innervisor/exporter.py')?.permissions).toBe('0644');
  });

  it('sets how often the agent pulls', () => {
    const { files } = readUserData(renderUserData(userDataDeps({ agentIntervalSeconds: 1800 }), NEW_PROBE));

    const times = files.get('/etc/systemd/system/innervisor-agent.timer.d/50-times.conf')?.content;
    expect(times).toContain('OnUnitActiveSec=1800s\n');
    expect(times).toContain('RandomizedDelaySec=30s\n');
  });

  it('shuts the node exporter to all but the networks of Prometheus, where these are configured', () => {
    const path = '/etc/systemd/system/prometheus-node-exporter.service.d/60-access.conf';
    const open = readUserData(renderUserData(userDataDeps(), NEW_PROBE));
    const shut = readUserData(
      renderUserData(userDataDeps({ scrapeNetworks: ['198.51.100.0/24'] }), NEW_PROBE),
    );

    expect(open.files.has(path)).toBe(false);
    expect(shut.files.get(path)?.content).toMatch(
      /IPAddressDeny=any\nIPAddressAllow=localhost\nIPAddressAllow=198.51.100.0\/24\n$/,
    );
  });

  it('holds no secret', () => {
    const deps = userDataDeps();
    const secret = deps.signingKey.export({ type: 'pkcs8', format: 'pem' }).toString().split('\n')[1] ?? '';

    const text = renderUserDataTemplate(deps);

    expect(secret).toMatch(/^[A-Za-z0-9+/=]{40,}$/);
    expect(text).not.toContain(secret);
    expect(text).not.toContain('PRIVATE KEY');
  });

  it('has a template that is the same for every probe and holds what is delivered', () => {
    const deps = userDataDeps();

    expect(renderUserDataTemplate(deps)).toBe(renderUserDataTemplate(deps));
    expect(renderUserDataTemplate(deps)).toContain('class Exporter');
    expect(renderUserDataTemplate({ ...deps, probe: { ...deps.probe, watchers: 21 } })).not.toBe(
      renderUserDataTemplate(deps),
    );
  });
});
