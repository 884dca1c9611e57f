import type { Lab } from './lab.ts';
import type { Stack } from './stack.ts';

interface Silence {
  readonly id: string;
  readonly status: { readonly state: string };
  readonly startsAt: string;
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
}

/** What Nova, Prometheus, S3 and Alertmanager themselves say, asked without any of our clients. */
export async function observeWorld(lab: Lab, stack: Pick<Stack, 'prometheus' | 'alertmanager' | 'peersUrl'>) {
  const servers = await lab.listServers();
  const targets = (await fetchJson(`${stack.prometheus.url}/api/v1/targets?state=active`)) as {
    data: { activeTargets: { labels: Record<string, string> }[] };
  };
  const silences = (await fetchJson(`${stack.alertmanager.url}/api/v2/silences`)) as Silence[];
  const answer = await fetch(stack.peersUrl);
  const document = answer.ok ? ((await answer.json()) as { peers: { server_id: string }[] }) : { peers: [] };
  const ours = servers.filter(({ metadata }) => metadata['innervisor_installation'] === 'test');
  const living = ours.map(({ metadata }) => metadata['innervisor_probe'] ?? '');
  const active = silences.filter(({ status }) => status.state !== 'expired');
  return {
    probes: ours.map(({ id, name, host, metadata }) => ({
      id,
      name,
      host,
      marked: metadata['innervisor_hypervisor'] ?? '',
    })),
    targets: targets.data.activeTargets.filter(({ labels }) => labels['probe_id'] !== undefined),
    peers: document.peers,
    peersEtag: answer.headers.get('etag'),
    allSilences: silences.toSorted((a, b) => a.id.localeCompare(b.id)),
    silences: active,
    /** Silences that hide alerts of a probe that exists; there must be none after a pass. */
    stray: active.filter(({ matchers }) =>
      matchers.some(({ value }) => living.some((probeId) => value.split('|').includes(probeId))),
    ),
  };
}

/** See {@link observeWorld}. */
export type World = Awaited<ReturnType<typeof observeWorld>>;

async function fetchJson(url: string): Promise<unknown> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return await answer.json();
}
