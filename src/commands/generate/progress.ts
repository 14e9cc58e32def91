/** The progress bar of `archer generate`: on a terminal, and nothing elsewhere. */
import { SingleBar } from 'cli-progress';
import type { DeliveryPlan, Tally } from './delivery.ts';

export interface Progress {
  readonly update: (tally: Tally, elapsedMs: number) => void;
  readonly close: () => void;
}

/** Of spans, or of seconds where nobody knows how many spans there will be. */
export function openProgress(plan: DeliveryPlan, stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { update: () => {}, close: () => {} };
  const { rate, durationMs, spansTotal } = plan;
  const counts = '{acknowledged} acknowledged, {rejected} rejected, {failed} failed';
  const unit = rate === 0 ? 's' : 'spans';
  const format = `{bar} {percentage}% | {value}/{total} ${unit} | ${counts}`;
  const bar = new SingleBar({ format, hideCursor: true, stream });
  const total = rate === 0 ? Math.ceil(durationMs / 1000) : spansTotal;
  bar.start(total, 0, { acknowledged: 0, rejected: 0, failed: 0 });
  return {
    update: ({ acknowledged, rejected, failed }, elapsedMs) => {
      const value = rate === 0 ? elapsedMs / 1000 : acknowledged + rejected + failed;
      bar.update(Math.min(Math.round(value), total), { acknowledged, rejected, failed });
    },
    close: () => bar.stop(),
  };
}
