import { isOwnedBy, readOwner, type TargetGroup, type TargetOwner } from '../../domain/target.ts';
import { failure } from '../failures.ts';

/** One document of targets that Prometheus reads, by whatever way it gets there. */
export interface TargetsPublisher {
  /** Whether it is a file, for which Prometheus may have to be asked to reload. */
  readonly isFile: boolean;
  /** Where it is, for people. */
  readonly place: string;
  /** What has to be so that Prometheus has the targets, and where to look if it hasn't. */
  readonly advice: string;
  /**
   * Sees that the document can be read, and that it is ours or absent.
   * @throws failure `claimedByAnother`, or a client's error.
   */
  check(signal: AbortSignal): Promise<'present' | 'absent'>;
  /** Sees that the document could be written, without touching it. Throws a client's error. */
  tryWriting(signal: AbortSignal): Promise<void>;
  /** Makes the document hold exactly these groups. Throws as `check` does, with nothing written. */
  publish(groups: readonly TargetGroup[], signal: AbortSignal): Promise<'written' | 'unchanged'>;
  /**
   * Removes the document; an absent one is a success. Prometheus must have seen it empty: it keeps the targets of a
   * document that vanishes.
   * @throws failure `conflict` for one that has targets; else as `check` does. Nothing is removed then.
   */
  remove(signal: AbortSignal): Promise<void>;
}

/** @throws failure `conflict` for a document that still has targets. */
export function refuseFull(groups: readonly TargetGroup[], place: string): void {
  if (groups.length === 0) return;
  const message = `${place} isn't removed: it has ${groups.length} groups of targets, which Prometheus would keep`;
  throw failure('conflict', message, { terminal: false });
}

/**
 * The advice for a file. A Prometheus that was reloaded while the file was malformed forgets which targets it had
 * from it, and never drops them; seen with 2.42, and only a restart helped.
 */
export function describeFileAdvice(place: string): string {
  return (
    `check that a scrape job's file_sd_configs reads ${place}, look at prometheus_sd_file_read_errors_total, ` +
    'and restart Prometheus if it keeps targets that the file had before it was malformed'
  );
}

/**
 * Refuses what another region or installation has published. An empty document belongs to nobody.
 * @throws failure `claimedByAnother`, terminal.
 */
export function refuseForeign(groups: readonly TargetGroup[], place: string, owner: TargetOwner): void {
  const foreign = groups.find(({ labels }) => !isOwnedBy(labels, owner));
  if (foreign !== undefined) throw claimedByAnother(place, readOwner(foreign.labels), owner);
}

/** The failure for a document of somebody else. */
export function claimedByAnother(place: string, other: Partial<TargetOwner>, owner: TargetOwner): Error {
  const message =
    `${place} belongs to installation ${name(other.installation)}, region ${name(other.region)}; ` +
    `this one is ${owner.installation}, ${owner.region}: two may not share a document, so give this one its own ` +
    `(regions.${owner.region}.prometheus.publish) or move the document away if the other is gone`;
  return failure('claimedByAnother', message, { terminal: true });
}

function name(text: string | undefined): string {
  return text === undefined ? 'unknown' : JSON.stringify(text);
}
