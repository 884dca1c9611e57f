import { single, type Family, type MetricType } from './exposition.ts';
import { CPU_MODES, type Odometer, type Totals } from './odometer.ts';

const MEMORY_BYTES = 512 * 1024 * 1024;
/** As `guest/root` starts it, see its drop-in for prometheus-node-exporter.service. */
const COLLECTORS = [
  ...['cpu', 'diskstats', 'filesystem', 'loadavg', 'meminfo', 'netdev', 'stat', 'textfile', 'time', 'uname'],
  'vmstat',
];
const DISK = { device: 'vda' };
const NETWORK = { device: 'ens3' };
const BUILD =
  "A metric with a constant '1' value labeled by version, revision, branch, goversion from which node_exporter was built, and the goos and goarch for the build.";

/** What a node exporter 1.5 in the guest would serve: those of its series that monitoring uses. */
export function nodeFamilies(odometer: Odometer, nodename: string, nowMs: number): readonly Family[] {
  const totals = odometer.read(nowMs);
  return [
    single('node_boot_time_seconds', 'gauge', 'Node boot time, in unixtime.', odometer.bootMs / 1_000),
    {
      name: 'node_cpu_seconds_total',
      type: 'counter',
      help: 'Seconds the CPUs spent in each mode.',
      samples: CPU_MODES.map((mode) => ({
        labels: { cpu: '0', mode },
        value: totals.cpuSeconds[mode],
      })),
    },
    ...diskFamilies(totals),
    {
      name: 'node_exporter_build_info',
      type: 'gauge',
      help: BUILD,
      samples: [{ labels: buildLabels('1.5.0'), value: 1 }],
    },
    ...[1, 5, 15].map((minutes) =>
      single(
        `node_load${minutes}`,
        'gauge',
        `${minutes}m load average.`,
        odometer.loadAverage(minutes, nowMs),
      ),
    ),
    ...memoryFamilies(),
    ...networkFamilies(totals),
    ...collectorFamilies(),
    single(
      'node_textfile_scrape_error',
      'gauge',
      '1 if there was an error opening or reading a file, 0 otherwise',
      0,
    ),
    single('node_time_seconds', 'gauge', 'System time in seconds since epoch (1970).', nowMs / 1_000),
    {
      name: 'node_uname_info',
      type: 'gauge',
      help: 'Labeled system information as provided by the uname system call.',
      samples: [{ labels: unameLabels(nodename), value: 1 }],
    },
    single(
      'process_start_time_seconds',
      'gauge',
      'Start time of the process since unix epoch in seconds.',
      odometer.bootMs / 1_000,
    ),
  ];
}

/** The labels that say how a Go exporter was built. */
export function buildLabels(version: string): Readonly<Record<string, string>> {
  return {
    branch: 'lab',
    goarch: 'amd64',
    goos: 'linux',
    goversion: 'go1.19.8',
    revision: 'lab',
    version,
  };
}

function unameLabels(nodename: string): Readonly<Record<string, string>> {
  return {
    domainname: '(none)',
    machine: 'x86_64',
    nodename,
    release: '6.1.0-lab-cloud-amd64',
    sysname: 'Linux',
    version: '#1 SMP PREEMPT_DYNAMIC Debian',
  };
}

function diskFamilies(totals: Totals): readonly Family[] {
  const disk = onDevice(DISK);
  const { floor } = Math;
  return [
    disk('node_disk_io_now', 'gauge', 'The number of I/Os currently in progress.', 0),
    disk(
      'node_disk_io_time_seconds_total',
      'counter',
      'Total seconds spent doing I/Os.',
      totals.diskBusySeconds,
    ),
    disk(
      'node_disk_io_time_weighted_seconds_total',
      'counter',
      'The weighted # of seconds spent doing I/Os.',
      totals.readSeconds + totals.writeSeconds,
    ),
    disk(
      'node_disk_read_bytes_total',
      'counter',
      'The total number of bytes read successfully.',
      floor(totals.readBytes),
    ),
    disk(
      'node_disk_read_time_seconds_total',
      'counter',
      'The total number of seconds spent by all reads.',
      totals.readSeconds,
    ),
    disk(
      'node_disk_reads_completed_total',
      'counter',
      'The total number of reads completed successfully.',
      floor(totals.reads),
    ),
    disk(
      'node_disk_write_time_seconds_total',
      'counter',
      'This is the total number of seconds spent by all writes.',
      totals.writeSeconds,
    ),
    disk(
      'node_disk_writes_completed_total',
      'counter',
      'The total number of writes completed successfully.',
      floor(totals.writes),
    ),
    disk(
      'node_disk_written_bytes_total',
      'counter',
      'The total number of bytes written successfully.',
      floor(totals.writtenBytes),
    ),
  ];
}

function networkFamilies(totals: Totals): readonly Family[] {
  const network = onDevice(NETWORK);
  return ['receive', 'transmit'].flatMap((direction) =>
    Object.entries({ bytes: totals.networkBytes, drop: 0, errs: 0, packets: totals.networkPackets }).map(
      ([what, value]) =>
        network(
          `node_network_${direction}_${what}_total`,
          'counter',
          `Network device statistic ${direction}_${what}.`,
          Math.floor(value),
        ),
    ),
  );
}

function memoryFamilies(): readonly Family[] {
  const shares = { Buffers: 0.05, Cached: 0.25, MemAvailable: 0.7, MemFree: 0.45, MemTotal: 1, SwapTotal: 0 };
  return Object.entries(shares).map(([field, share]) =>
    single(
      `node_memory_${field}_bytes`,
      'gauge',
      `Memory information field ${field}_bytes.`,
      Math.floor(MEMORY_BYTES * share),
    ),
  );
}

function collectorFamilies(): readonly Family[] {
  const of = (name: string, help: string, value: number): Family => ({
    name,
    type: 'gauge',
    help,
    samples: COLLECTORS.map((collector) => ({ labels: { collector }, value })),
  });
  return [
    of('node_scrape_collector_duration_seconds', 'node_exporter: Duration of a collector scrape.', 0.000_1),
    of('node_scrape_collector_success', 'node_exporter: Whether a collector succeeded.', 1),
  ];
}

function onDevice(labels: Readonly<Record<string, string>>) {
  return (name: string, type: MetricType, help: string, value: number): Family => ({
    name,
    type,
    help,
    samples: [{ labels, value }],
  });
}
