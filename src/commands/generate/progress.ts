/** The progress bar of `archer generate`: on a terminal, and nothing elsewhere. */
import { SingleBar } from 'cli-progress';
import { countsText } from '../delivery/summary.ts';
import type { ItemTally, Tally } from '../delivery/tally.ts';
import type { DeliveryPlan } from './delivery.ts';

export interface Progress {
  readonly update: (tally: Tally, elapsedMs: number) => void;
  readonly close: () => void;
}

/** Of spans, or of seconds where nobody knows how many spans there will be, or none is sent. */
export function openProgress(plan: DeliveryPlan, stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { update: () => {}, close: () => {} };
  const { rate, durationMs, spansTotal, signals } = plan;
  const isOfSpans = rate > 0 && signals.includes('traces');
  const unit = isOfSpans ? 'spans' : 's';
  const format = `{bar} {percentage}% | {value}/{total} ${unit} | {counts}`;
  const bar = new SingleBar({ format, hideCursor: true, stream, barsize: 20 });
  const total = isOfSpans ? spansTotal : Math.ceil(durationMs / 1000);
  bar.start(total, 0, { counts: '' });
  return {
    update: (tally, elapsedMs) => {
      const value = isOfSpans ? answered(tally.items.get('traces')) : elapsedMs / 1000;
      bar.update(Math.min(Math.round(value), total), { counts: countsText(tally) });
    },
    close: () => bar.stop(),
  };
}

function answered(items: ItemTally | undefined): number {
  return items === undefined ? 0 : items.acknowledged + items.rejected + items.failed;
}
