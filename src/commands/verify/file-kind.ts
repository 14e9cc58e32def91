/** The kinds of file that `archer verify` can read, each with its check. */
import { schemaMessage } from '../../columns/schema.ts';
import type { FileReport } from '../../disk/check/file-report.ts';
import { checkLog } from '../../disk/check/log-check.ts';
import { checkSegment } from '../../disk/check/segment-check.ts';
import { type ArrowSchema, readArrowSchema } from '../../disk/ipc/arrow-schema.ts';
import { messagePrefixBytes } from '../../disk/ipc/ipc-format.ts';
import { nativeDecompress } from '../../disk/ipc/zstd.ts';
import { logOutputDirectory, parseSegmentFileName } from '../../disk/layout.ts';
import type { OpenFile, Storage } from '../../disk/storage.ts';
import { parseWalFileName } from '../../disk/wal/wal-format.ts';
import { invariant } from '../../shared/invariant.ts';
import { signals } from '../../shared/signal.ts';
import { outputDirectoryOf } from '../options/output-directory.ts';

export interface FileKind {
  readonly name: string;
  /** True if a file of this name is checked when it is found in a folder. */
  readonly isNamed: (fileName: string) => boolean;
  /** The output directory that a file lies in; undefined where no recorder writes it. */
  readonly outputDirOf: (path: string) => string | undefined;
  /** `onProgress` is told of each part that has been read. */
  readonly check: (file: OpenFile, onProgress: (bytes: number) => void) => Promise<FileReport>;
}

/** The first is also the kind of a file that is asked for by a name of no kind. */
export function openFileKinds(storage: Storage): readonly [FileKind, ...FileKind[]] {
  const decompress = nativeDecompress();
  const schemas = writtenSchemas();
  const segment: FileKind = {
    name: 'segment',
    isNamed: (fileName) => parseSegmentFileName(fileName) !== undefined,
    outputDirOf: (path) => outputDirectoryOf(storage, path),
    check: (file, onProgress) => checkSegment(file, { storage, decompress, schemas, onProgress }),
  };
  const log: FileKind = {
    name: 'log file',
    isNamed: (fileName) => parseWalFileName(fileName) !== undefined,
    outputDirOf: logOutputDirectory,
    check: async (file, onProgress) => checkLog(storage, file, onProgress),
  };
  return [segment, log];
}

/** By their names, as this version writes them. */
export function writtenSchemas(): ReadonlyMap<string, ArrowSchema> {
  const schemas = signals.map((signal) => {
    const message = schemaMessage(signal, { writer: '', recorder: '' });
    const schema = readArrowSchema(message.subarray(messagePrefixBytes));
    invariant(typeof schema !== 'string', 'a schema that is written can be read');
    return [schema.metadata.get('otlp.archive.schema') ?? '', schema] as const;
  });
  return new Map(schemas);
}
