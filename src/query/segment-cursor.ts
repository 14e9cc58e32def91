/** Goes through the batches of a segment one by one, and holds the file open meanwhile. */
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

  /** Undefined where the segment is gone. */
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

  /** The batch that it stands at; undefined behind the last. */
  get head(): SegmentBatch | undefined {
    return this.#head;
  }

  /** The first position of the batch, or where it says none, of the one before. */
  get position(): bigint {
    return this.#position;
  }

  /** Goes to the next batch; gives back what could not be read on the way. */
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

/** What the disk does not give is a fault of the segment; all else is one of this program. */
export function diskFault(error: unknown): SegmentFault {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const what = `it cannot be read: ${message}`;
  return { kind: 'fault', code: 'ERR_ARCHER_FILE_UNREADABLE', offset: 0, what };
}
