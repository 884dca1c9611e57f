import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { stringify } from 'yaml';

import { exists } from '../tools/cache.ts';
import { ensureTools } from '../tools/ensureTools.ts';
import { launch, type Placement, type RunningServer } from './launch.ts';
import { answersHttp } from './readiness.ts';

/** A job besides that of the probes. */
export interface ScrapeJob {
  readonly name: string;
  readonly path: string;
  /** `host:port` each. */
  readonly targets: readonly string[];
}

/** Options of {@link startPrometheus}. */
export interface PrometheusOptions {
  readonly placement?: Placement;
  /** How often targets are scraped and rules evaluated; `1s` by default. */
  readonly scrapeInterval?: string;
  /** Absolute path of the targets document; by default one in the server's folder. Made as `[]` if absent. */
  readonly fileSdPath?: string;
  /** Asks this URL for targets, every second, instead of reading a file. */
  readonly httpSd?: { readonly url: string; readonly tokenFile?: string };
  /** `innervisor` by default. */
  readonly jobName?: string;
  readonly jobs?: readonly ScrapeJob[];
  /** Whether `POST /-/reload` works; true by default. */
  readonly lifecycle?: boolean;
  /** Absolute paths of rule files, or patterns of them; they are used where they stand. */
  readonly ruleFiles?: readonly string[];
  /** `host:port` of Alertmanagers that alerts are sent to. */
  readonly alertmanagers?: readonly string[];
}

/** A Prometheus that scrapes what its targets document names. */
export interface PrometheusServer extends RunningServer {
  readonly fileSdPath: string;
  /** The same as `fileSdPath`, as clients of a region call it. */
  readonly targetsPath: string;
  /** Its folder: without a path of one's own, every `*.json` in it is read. */
  readonly targetsDir: string;
  readonly configPath: string;
  /** Takes a POST to read the configuration again; see `reload`. */
  readonly reloadUrl: string;
  /**
   * Makes it read its configuration again.
   *
   * @throws Error with Prometheus's reason when it refuses.
   */
  readonly reload: () => Promise<void>;
}

/** Starts Prometheus with one job, whose targets come from a file that it reads again every second. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<PrometheusServer> {
  const { prometheus } = await ensureTools(['prometheus']);
  const lifecycle = options.lifecycle ?? true;
  const server = await launch({
    name: 'prometheus',
    binary: prometheus,
    portsCount: 1,
    placement: options.placement ?? {},
    prepare: async (dir, [port]) => {
      const fileSdPath = options.fileSdPath ?? targetsPath(dir);
      await createTargets(fileSdPath);
      await writeFile(
        configPath(dir),
        stringify(renderConfig(options, options.fileSdPath ?? join(dirname(fileSdPath), '*.json'))),
      );
      return [
        `--config.file=${configPath(dir)}`,
        `--storage.tsdb.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        ...(lifecycle ? ['--web.enable-lifecycle'] : []),
      ];
    },
    isReady: ([port]) => answersHttp(`http://127.0.0.1:${port}/-/ready`),
  });
  const path = options.fileSdPath ?? targetsPath(server.dir);
  return {
    ...server,
    fileSdPath: path,
    targetsPath: path,
    targetsDir: dirname(path),
    reloadUrl: `${server.url}/-/reload`,
    configPath: configPath(server.dir),
    reload: () => reload(server.url),
  };
}

function targetsPath(dir: string): string {
  return join(dir, 'targets', 'region.json');
}

function configPath(dir: string): string {
  return join(dir, 'prometheus.yml');
}

/** A document that the caller has written stays as it is. */
async function createTargets(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (!(await exists(path))) await writeFile(path, '[]\n');
}

function renderConfig(options: PrometheusOptions, files: string): object {
  const interval = options.scrapeInterval ?? '1s';
  const alertmanagers = options.alertmanagers ?? [];
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: options.ruleFiles ?? [],
    ...(alertmanagers.length === 0
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] } }),
    scrape_configs: [
      {
        job_name: options.jobName ?? 'innervisor',
        // A target's own `__metrics_path__` label goes before this.
        metrics_path: '/metrics',
        ...(options.httpSd === undefined
          ? { file_sd_configs: [{ files: [files], refresh_interval: '1s' }] }
          : { http_sd_configs: [renderHttpSd(options.httpSd)] }),
      },
      ...(options.jobs ?? []).map(({ name, path, targets }) => ({
        job_name: name,
        metrics_path: path,
        static_configs: [{ targets }],
      })),
    ],
  };
}

function renderHttpSd({ url, tokenFile }: NonNullable<PrometheusOptions['httpSd']>): object {
  return {
    url,
    refresh_interval: '1s',
    // Prometheus 2.42 sends the bare token here if the type isn't said, though Bearer is its documented default.
    ...(tokenFile === undefined ? {} : { authorization: { type: 'Bearer', credentials_file: tokenFile } }),
  };
}

async function reload(url: string): Promise<void> {
  const response = await fetch(`${url}/-/reload`, { method: 'POST' });
  if (!response.ok) throw new Error(`Prometheus does not reload: ${await response.text()}`);
}
