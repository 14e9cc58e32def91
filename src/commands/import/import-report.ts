/** What an import has brought in and what it has skipped, and how it says so. */
import type { Answer } from '../../client/answer.ts';
import { type Problem, problem } from '../../shared/errors.ts';
import { itemNames, type Signal, signals } from '../../shared/signal.ts';
import type { DeliverableRequest } from '../delivery/request-delivery.ts';
import { formatTable } from '../terminal/format.ts';
import type { Place } from './file-message.ts';

export interface Skip extends Place {
  readonly file: string;
  readonly reason: string;
}

/** So many are told one by one; a file may be wrong throughout. */
const toldCountMax = 100;

export class ImportReport {
  readonly #imported = new Map<Signal, { requests: number; items: number }>();
  readonly #skips: Skip[] = [];
  #skipCount = 0;

  get skipCount(): number {
    return this.#skipCount;
  }

  /** True if nothing was imported. */
  get isEmpty(): boolean {
    return this.#imported.size === 0;
  }

  skip(skip: Skip): void {
    this.#skipCount += 1;
    if (this.#skips.length < toldCountMax) this.#skips.push(skip);
  }

  /** What was not taken of a request is skipped, for the destination's reason. */
  take(file: string, place: Place, request: DeliverableRequest, answer: Answer): void {
    const { verdict, message } = answer;
    if (verdict !== 'accepted') {
      const reason = verdict === 'refused' ? message : `it was not taken: ${message}`;
      this.skip({ file, ...place, reason });
      return;
    }
    const { signal, itemCount } = request;
    const rejected = Math.min(answer.rejectedItems, itemCount);
    this.#add(signal, itemCount - rejected);
    if (rejected > 0) {
      const reason = `${rejected} of its ${itemNames[signal]} were rejected: ${message}`;
      this.skip({ file, ...place, reason });
    }
  }

  /** The skipped parts, and how many more there are than are listed. */
  problems(): Problem[] {
    const listed = this.#skipsInOrder().map(({ file, offset, line, reason }) => {
      const place = line === undefined ? `${file}: at byte ${offset}` : `${file}:${line}`;
      return problem('ERR_ARCHER_INPUT_INVALID', { place, reason });
    });
    const count = this.#skipCount - listed.length;
    return count > 0 ? [...listed, problem('ERR_ARCHER_MORE_FAULTS', { count })] : listed;
  }

  text({ fileCount, outputDir, seconds }: ImportFacts): string {
    const rows = signals.flatMap((signal) => {
      const { requests, items } = this.#imported.get(signal) ?? {};
      return requests === undefined ? [] : [[signal, requests, `${items} ${itemNames[signal]}`]];
    });
    const requests = this.#requestCount();
    const files = fileCount === 1 ? '1 file' : `${fileCount} files`;
    const skips = this.#skipCount === 0 ? 'nothing' : this.#skipCount;
    const total =
      `imported ${requests} ${requests === 1 ? 'request' : 'requests'} of ${files} ` +
      `into ${outputDir} in ${seconds.toFixed(1)} s, skipped ${skips}`;
    const headings = ['signal', 'requests', 'items'];
    return rows.length === 0 ? total : `${formatTable(headings, rows as [])}\n${total}`;
  }

  json({ fileCount, outputDir, seconds, retries }: ImportFacts): string {
    const none = { requests: 0, items: 0 };
    const perSignal = signals.map((signal) => [signal, this.#imported.get(signal) ?? none]);
    return JSON.stringify({
      files: fileCount,
      output_dir: outputDir,
      requests: this.#requestCount(),
      ...Object.fromEntries(perSignal),
      retries,
      seconds: Number(seconds.toFixed(3)),
      skipped_count: this.#skipCount,
      skipped: this.#skipsInOrder().map(({ file, offset, line = null, reason }) => {
        return { file, offset, line, reason };
      }),
    });
  }

  /** By their places: answers to requests under way come in any order. */
  #skipsInOrder(): Skip[] {
    const files = [...new Set(this.#skips.map(({ file }) => file))];
    const order = (a: Skip, b: Skip) => {
      return files.indexOf(a.file) - files.indexOf(b.file) || a.offset - b.offset;
    };
    return this.#skips.toSorted(order);
  }

  #add(signal: Signal, itemCount: number): void {
    const { requests, items } = this.#imported.get(signal) ?? { requests: 0, items: 0 };
    this.#imported.set(signal, { requests: requests + 1, items: items + itemCount });
  }

  #requestCount(): number {
    return [...this.#imported.values()].reduce((sum, { requests }) => sum + requests, 0);
  }
}

export interface ImportFacts {
  readonly fileCount: number;
  readonly outputDir: string;
  readonly retries: number;
  readonly seconds: number;
}
