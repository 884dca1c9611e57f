import type { Stack } from '../openstack/support/stack.ts';
import type { ScenarioCloud } from './cloud.ts';
import { fetchJson } from './fetchJson.ts';

interface Silence {
  readonly id: string;
  readonly status: { readonly state: string };
  readonly startsAt: string;
  readonly endsAt: string;
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
}

/** What Prometheus and S3 themselves say about who is watched, asked without any of our clients. */
export async function observePublished(stack: Pick<Stack, 'prometheus' | 'peersUrl'>) {
  const targets = (await fetchJson(`${stack.prometheus.url}/api/v1/targets?state=active`)) as {
    data: { activeTargets: { labels: Record<string, string> }[] };
  };
  const answer = await fetch(stack.peersUrl);
  const document = answer.ok ? ((await answer.json()) as { peers: { server_id: string }[] }) : { peers: [] };
  return {
    targets: targets.data.activeTargets.filter(({ labels }) => labels['probe_id'] !== undefined),
    peers: document.peers,
    peersEtag: answer.headers.get('etag'),
  };
}

/** What Nova, Prometheus, S3 and Alertmanager themselves say, asked without any of our clients. */
export async function observeWorld(
  cloud: Pick<ScenarioCloud, 'listServers'>,
  stack: Pick<Stack, 'prometheus' | 'alertmanager' | 'peersUrl'>,
) {
  const servers = await cloud.listServers();
  const silences = (await fetchJson(`${stack.alertmanager.url}/api/v2/silences`)) as Silence[];
  const ours = servers.filter(({ metadata }) => metadata['innervisor_installation'] === 'test');
  const living = ours.map(({ metadata }) => metadata['innervisor_probe'] ?? '');
  const active = silences.filter(({ status }) => status.state !== 'expired');
  return {
    ...(await observePublished(stack)),
    probes: ours.map(({ id, name, host, metadata }) => ({
      id,
      probeId: metadata['innervisor_probe'] ?? '',
      name,
      host,
      marked: metadata['innervisor_hypervisor'] ?? '',
    })),
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
