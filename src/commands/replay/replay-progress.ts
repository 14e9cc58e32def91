/** The progress bar of `archer replay`: on a terminal, and nothing elsewhere. */
import { SingleBar } from 'cli-progress';
import { countsText } from '../delivery/summary.ts';
import type { Tally } from '../delivery/tally.ts';
import { formatBytes } from '../terminal/format.ts';

export interface ReplayProgress {
  /** Of the archive, that were read. */
  readonly add: (byteCount: number) => void;
  readonly update: (tally: Tally) => void;
  readonly close: () => void;
}

export function openReplayProgress(bytesTotal: number, stream: NodeJS.WriteStream): ReplayProgress {
  if (!stream.isTTY) return { add: () => {}, update: () => {}, close: () => {} };
  const format = `{bar} {percentage}% of ${formatBytes(bytesTotal)} | {counts}`;
  const bar = new SingleBar({ format, hideCursor: true, stream, barsize: 20 });
  let done = 0;
  let counts = '';
  bar.start(bytesTotal, 0, { counts });
  const draw = () => bar.update(done, { counts });
  return {
    add: (byteCount) => {
      // An active segment grows while it is read.
      done = Math.min(done + byteCount, bytesTotal);
      draw();
    },
    update: (tally) => {
      counts = countsText(tally);
      draw();
    },
    close: () => bar.stop(),
  };
}
