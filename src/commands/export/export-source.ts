/** What an exported file is made of: the wanted rows of one signal, counted as they are taken. */
import {
  type ArchiveFault,
  type ArchiveReader,
  batchFault,
  type ReadPlan,
  type SelectedBatch,
} from '../../query/archive-reader.ts';
import { type ArchivedRequest, rebuildRequests } from '../../query/archived-requests.ts';
import type { Signal } from '../../shared/signal.ts';

export interface ExportSourceOptions {
  readonly reader: ArchiveReader;
  readonly plan: ReadPlan;
  readonly onFault: (fault: ArchiveFault) => void;
  /** Told of each part of the archive that is done with. */
  readonly onBytes: (bytes: number) => void;
}

/** To be read once, as batches or as requests, and closed. */
export class ExportSource {
  readonly #options: ExportSourceOptions;
  readonly #found: AsyncGenerator<SelectedBatch, undefined, undefined>;
  #first: IteratorResult<SelectedBatch, undefined> | undefined;
  #rows = 0;
  #requests = 0;

  constructor(options: ExportSourceOptions) {
    this.#options = options;
    this.#found = this.#withoutFaults();
  }

  get signal(): Signal {
    return this.#options.plan.signal;
  }

  /** Taken so far. */
  get rows(): number {
    return this.#rows;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Those of whose segments something is to be read. */
  get recorders(): readonly string[] {
    const ranges = this.#options.plan.segments.flatMap((segment) => segment.ranges ?? []);
    return [...new Set(ranges.map(({ recorder }) => recorder))];
  }

  /** Looks for the first wanted row. */
  async hasRows(): Promise<boolean> {
    this.#first ??= await this.#found.next();
    return this.#first.done !== true;
  }

  /** What the function makes of each batch; without those of which a column is damaged. */
  async *encoded<T>(encode: (selected: SelectedBatch) => T): AsyncGenerator<T> {
    for await (const selected of this.#batches()) {
      let made: T;
      try {
        made = encode(selected);
      } catch (error) {
        this.#options.onFault(batchFault(selected, error));
        continue;
      }
      this.#rows += selected.rowCount;
      yield made;
    }
  }

  async *rebuilt(): AsyncGenerator<ArchivedRequest> {
    for await (const found of rebuildRequests(this.signal, this.#batches())) {
      if (found.kind === 'fault') this.#options.onFault(found);
      else {
        this.#rows += found.rows;
        this.#requests += 1;
        yield found;
      }
    }
  }

  async close(): Promise<void> {
    await this.#found.return(undefined);
  }

  async *#batches(): AsyncGenerator<SelectedBatch> {
    this.#first ??= await this.#found.next();
    for (let item = this.#first; !item.done; item = await this.#found.next()) yield item.value;
  }

  async *#withoutFaults(): AsyncGenerator<SelectedBatch, undefined, undefined> {
    const { reader, plan, onFault, onBytes } = this.#options;
    for await (const found of reader.batches(plan, onBytes)) {
      if (found.kind === 'fault') onFault(found);
      else yield found;
    }
  }
}
