import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderDashboards } from '../../../monitoring/dashboards/index.ts';
import { UIDS } from '../../../monitoring/dashboards/links.ts';
import { COMMITTED_FOLDER } from '../../../monitoring/dashboards/write.ts';
import { PROBE_GROUPS } from '../../../monitoring/prometheus/groups.ts';
import { threshold } from '../../../monitoring/prometheus/recording/threshold.ts';
import { METRICS } from '../../../src/telemetry/names.ts';
import {
  questionsOf,
  readDashboards,
  substitute,
  type ShownDashboard,
  type ShownPanel,
} from '../../monitoring/support/dashboardQueries.ts';

const DASHBOARDS = readDashboards();
/** Grafana puts values for these by itself. */
const BUILT_IN = ['__all', '__rate_interval', '__range', '__field', '__data', '__value', '__url_time_range'];

const panelsOf = ({ panels }: ShownDashboard): readonly ShownPanel[] =>
  panels.filter(({ type }) => type !== 'row');

test('what is committed is what the source makes, and nothing else', async () => {
  const files = await readdir(COMMITTED_FOLDER);

  expect(files.toSorted()).toEqual(
    renderDashboards()
      .map(({ uid }) => `${uid}.json`)
      .toSorted(),
  );
  for (const { uid, json } of renderDashboards())
    expect(await readFile(join(COMMITTED_FOLDER, `${uid}.json`), 'utf8'), uid).toBe(json);
});

test('the uids are those that alerts and bookmarks name', () => {
  expect(DASHBOARDS.map(({ uid }) => uid)).toEqual([
    'innervisor-region',
    'innervisor-hypervisor',
    'innervisor-mesh',
    'innervisor-orchestrator',
  ]);
});

test.each(DASHBOARDS.map((dashboard) => [dashboard.uid, dashboard] as const))(
  '%s: each panel has an id and a title of its own, and says what it shows, in which unit, and what is bad',
  (_uid, dashboard) => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const titles = panelsOf(dashboard).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);

    for (const { title, description, fieldConfig, datasource, targets = [] } of panelsOf(dashboard)) {
      expect(description, title).toMatch(/\b(Bad|bad|Empty is good)\b/);
      expect(fieldConfig?.defaults.unit, title).toEqual(expect.any(String));
      expect(datasource?.uid, title).toBe('${datasource}');
      expect(targets, title).not.toEqual([]);
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
    }
  },
);

test.each(DASHBOARDS.map((dashboard) => [dashboard.uid, dashboard] as const))(
  '%s: panels lie beside and below each other and within the page',
  (_uid, { panels }) => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1)
        for (let row = y; row < y + h; row += 1) {
          expect(taken.get(`${column},${row}`), `${title} lies on another panel`).toBeUndefined();
          taken.set(`${column},${row}`, title);
        }
    }
  },
);

test.each(DASHBOARDS.map((dashboard) => [dashboard.uid, dashboard] as const))(
  '%s: each variable that is used is there, and each that is there is used',
  (_uid, dashboard) => {
    const { list } = dashboard.templating;
    const declared = list.map(({ name }) => name);
    const text = JSON.stringify(dashboard);
    const used = [...text.matchAll(/\$\{?([a-z_]\w*)/gi)].map(([, name = '']) => name);
    expect([...new Set(used)].filter((name) => !BUILT_IN.includes(name)).toSorted()).toEqual(
      declared.toSorted(),
    );

    // Each one chooses only by those before it, which Grafana asks first.
    list.forEach(({ query }, index) => {
      const before = Object.fromEntries(declared.slice(0, index).map((name) => [name, 'x']));
      expect(substitute(typeof query === 'string' ? query : query.query, before)).not.toContain('$');
    });
  },
);

test('each link leads to one of the dashboards and hands on only variables that it has', () => {
  const variables = new Map(
    DASHBOARDS.map(({ uid, templating }) => [uid, templating.list.map(({ name }) => name)]),
  );
  for (const dashboard of DASHBOARDS) {
    for (const link of dashboard.links) expect(link, 'hidden in a menu').not.toHaveProperty('placement');
    const urls = [...JSON.stringify(dashboard).matchAll(/"url":"([^"]+)"/g)].map(([, url = '']) => url);
    const targets = urls.map((url) => /^\/d\/([a-z-]+)\?/.exec(url)?.[1] ?? url);
    expect(new Set([...targets, dashboard.uid])).toEqual(new Set(Object.values(UIDS)));

    for (const [index, url] of urls.entries()) {
      const handed = [...url.matchAll(/\$\{(\w+):queryparam\}|var-(\w+)=/g)].map(
        ([, one, two]) => one ?? two,
      );
      for (const name of handed) expect(variables.get(targets[index] ?? ''), url).toContain(name);
    }
  }
});

test('each series that Innervisor makes is one that it records or a worker serves', () => {
  const recorded = PROBE_GROUPS.flatMap(({ recording }) => recording.map(({ record }) => record));
  const workers: readonly string[] = Object.values(METRICS).map(({ name }) => name);
  const known = new Set([...recorded, ...workers]);
  const isThreshold = (name: string): boolean => name.startsWith(threshold('' as never));

  for (const { place, expr } of DASHBOARDS.flatMap(questionsOf)) {
    for (const [name] of expr.matchAll(/innervisor:[\w:]+/g))
      // Two names at once are a regular expression over them.
      if (!name.endsWith('mesh_') && !isThreshold(name)) expect(known, `${name} in ${place}`).toContain(name);
    for (const [name] of expr.matchAll(/innervisor_(?:last|pass|guard|worker|api|steps|probes)\w*/g))
      expect(known, `${name} in ${place}`).toContain(name.replace(/_bucket$/, ''));
  }
});
