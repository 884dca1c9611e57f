import { DEFAULT_THRESHOLDS } from '../../monitoring/prometheus/thresholds.ts';
import { decimal, mapping, oneOf, textLike } from './fields.ts';

const share = (unit: string) => decimal({ min: 0.001, max: 1, unit: `share of ${unit}; 0.2 is 20 %` });
const seconds = () => decimal({ min: 0.000_1, max: 10, unit: 'seconds' });

/** Key `alerts` of a region; `innervisor rules` writes it into the rules. */
export const alertsSchema = mapping({
  stealShare: share('the demanded CPU time')
    .describe('Above this share of stolen CPU time, of what the probe asked for, a hypervisor is overloaded.')
    .default(DEFAULT_THRESHOLDS.stealShare),
  diskSlowShare: share('the operations')
    .describe('Above this share of operations over 10 ms, a disk is slow; `1` for never.')
    .default(DEFAULT_THRESHOLDS.diskSlowShare),
  diskP99Seconds: seconds()
    .describe('Above this 99th percentile of the time of one operation, a disk stalls.')
    .default(DEFAULT_THRESHOLDS.diskP99Seconds),
  meshLossShare: share('the packets')
    .describe('Above this loss in a minute, a pair of probes is bad.')
    .default(DEFAULT_THRESHOLDS.meshLossShare),
  meshRttSeconds: seconds()
    .describe('Above this mean round-trip time in a minute, a pair of probes is slow.')
    .default(DEFAULT_THRESHOLDS.meshRttSeconds),
  publicLossShare: share('the packets')
    .describe('Above this loss in a minute, the way to a public target is bad.')
    .default(DEFAULT_THRESHOLDS.publicLossShare),
  publicRttSeconds: seconds()
    .describe('Above this mean round-trip time in a minute, the way to a public target is slow.')
    .default(DEFAULT_THRESHOLDS.publicRttSeconds),
  publicPath: oneOf(['distributed', 'centralized'])
    .describe(
      'Whether each hypervisor has its own way out, or all traffic leaves through one gateway, so that no hypervisor is ' +
        'blamed for it.',
    )
    .default(DEFAULT_THRESHOLDS.publicPath),
  timesUsual: decimal({ min: 1, max: 100, unit: 'times what is usual' })
    .describe(
      'How many times the median of the last week must be exceeded as well; for all of these but the losses.',
    )
    .default(DEFAULT_THRESHOLDS.timesUsual),
});

/** Key `links`. */
export const linksSchema = mapping({
  runbooks: textLike(
    'must be a path or a URL that ends in /, such as https://wiki.example.net/innervisor/',
    /^\S+\/$/,
  )
    .describe('Where alerts find their pages: what stands before `InnervisorProbeDown.md`; ends in `/`.')
    .default('docs/runbooks/'),
  grafana: textLike(
    'must be a URL without a / at its end, such as https://grafana.example.net, or null',
    /^https?:\/\/\S*[^/\s]$/,
  )
    .nullable()
    .describe(
      'The base URL of Grafana, for links to our dashboards; `null` for links that begin at its root.',
    )
    .default(null),
});
