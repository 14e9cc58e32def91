/** Walks the batches of a segment one by one and keeps the file open meanwhile. */
import type { ArrowSchema } from '../disk/ipc/arrow-schema.ts';
import { readLogRange } from '../disk/ipc/message-metadata.ts';
import {
  openSegment,
  readSegmentBatches,
  type SegmentBatch,
  type SegmentFault,
} from '../disk/segment/segment-reader.ts';
import type { OpenFile, Storage } from '../disk/storage.ts';

export interface CursorOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly path: string;
  readonly schema: ArrowSchema;
}

export class SegmentCursor {
  readonly path: string;
  readonly file: OpenFile;
  readonly #storage: Storage;
  readonly #items: AsyncGenerator<SegmentBatch | SegmentFault, undefined, undefined>;
  #head: SegmentBatch | undefined;
  #position = 0n;

  /** Undefined if the segment is gone. */
  static open(options: CursorOptions): SegmentCursor | undefined {
    const { storage, outputDir, path } = options;
    const file = openSegment(storage, outputDir, path);
    return file === undefined ? undefined : new SegmentCursor(options, file);
  }

  private constructor({ storage, path, schema }: CursorOptions, file: OpenFile) {
    this.path = path;
    this.file = file;
    this.#storage = storage;
    this.#items = readSegmentBatches({ storage, file, schema });
  }

  /** The current batch; undefined before the first `advance` and after the last batch. */
  get head(): SegmentBatch | undefined {
    return this.#head;
  }

  /** First position of the current batch. If it names none, that of the batch before. */
  get position(): bigint {
    return this.#position;
  }

  /** Moves to the next batch. Returns the faults found on the way. */
  async advance(): Promise<readonly SegmentFault[]> {
    const faults: SegmentFault[] = [];
    this.#head = undefined;
    try {
      for (let item = await this.#items.next(); !item.done; item = await this.#items.next()) {
        if (item.value.kind === 'fault') faults.push(item.value);
        else {
          this.#head = item.value;
          this.#position = readLogRange(item.value.message.customMetadata)?.from ?? this.#position;
          break;
        }
      }
    } catch (error) {
      faults.push(diskFault(error));
    }
    return faults;
  }

  close(): void {
    this.#storage.close(this.file);
  }
}

/** Converts an error of the disk to a fault. Rethrows all other errors. */
export function diskFault(error: unknown): SegmentFault {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const what = `it cannot be read: ${message}`;
  return { kind: 'fault', code: 'ERR_ARCHER_FILE_UNREADABLE', offset: 0, what };
}
