/** The progress bar of commands that read many files: on a terminal, when there is much to read. */
import { SingleBar } from 'cli-progress';
import { formatBytes } from './format.ts';

export interface Progress {
  readonly add: (bytes: number) => void;
  readonly close: () => void;
}

/** Less is read within a second. */
const shownBytesMin = 64 * 1024 * 1024;

export function openProgress(bytesTotal: number, stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY || bytesTotal < shownBytesMin) return { add: () => {}, close: () => {} };
  const format = `{bar} {percentage}% of ${formatBytes(bytesTotal)}`;
  const bar = new SingleBar({ format, hideCursor: true, stream });
  let done = 0;
  bar.start(bytesTotal, 0);
  return {
    add: (bytes) => {
      done = Math.min(done + bytes, bytesTotal);
      bar.update(done);
    },
    close: () => bar.stop(),
  };
}
