import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { linkToHypervisor } from '../links.ts';
import { lines } from '../panels/lines.ts';
import { CHOSEN, contextOf, SIGNALS } from '../signals.ts';

/** Few enough to be told apart. */
const SHOWN = 5;

/** Each signal over time: what is usual in the region, and the worst of now. */
export function signalPanels(): readonly Builder<Panel>[] {
  return SIGNALS.map((signal) => {
    const { title, description, unit, of } = signal;
    // The same few for the whole time: by the moment, other ones in each would be on top.
    const worst = `${of(CHOSEN)} and topk(${SHOWN}, ${of(CHOSEN)} @ end())`;
    return lines(
      {
        title,
        description,
        unit,
        width: 12,
        height: 8,
        link: linkToHypervisor('${__field.labels.hypervisor}'),
      },
      [{ expr: worst, legend: '{{hypervisor}}' }, ...contextOf(signal, CHOSEN)],
    );
  });
}
