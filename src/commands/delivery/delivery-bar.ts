/** The progress bar of commands that send: on a terminal, and nothing elsewhere. */
import { SingleBar } from 'cli-progress';
import { countsText } from './summary.ts';
import type { Tally } from './tally.ts';

export interface DeliveryBar {
  /** Shows how much is done, at most the total, and the counts. */
  readonly update: (done: number, tally: Tally | undefined) => void;
  readonly close: () => void;
}

/** `text` follows the percentage; it may contain `{value}` and `{total}`. */
export function openDeliveryBar(
  total: number,
  text: string,
  stream: NodeJS.WriteStream,
): DeliveryBar {
  if (!stream.isTTY) return { update: () => {}, close: () => {} };
  const format = `{bar} {percentage}% ${text} | {counts}`;
  const bar = new SingleBar({ format, hideCursor: true, stream, barsize: 20 });
  bar.start(total, 0, { counts: '' });
  return {
    update: (done, tally) => {
      const counts = tally === undefined ? '' : countsText(tally);
      bar.update(Math.min(Math.round(done), total), { counts });
    },
    close: () => bar.stop(),
  };
}
