/**
 * Rewrites a sealed stream as an Arrow IPC file. The bytes of its batches stay the same.
 *
 *     S  the sealed stream     traces/date=…/_X.arrows
 *     T  the temporary file    .archer/sealing/_X.arrows.tmp
 *     F  the finished file     traces/date=…/X.arrow
 *
 *     S ──copy, footer, sync T──> S, T ──rename T to F──> S, F ──remove S──> F
 *
 * 1. F is whole and durable from its first moment on.
 * 2. While S and F both exist, they hold the same rows, and readers of folders see only F.
 * 3. Nothing reads T; a T that is left over is removed.
 */
import { basename, dirname, join } from 'node:path';
import { readRange } from '../file-range.ts';
import { fileEnd } from '../ipc/footer-writer.ts';
import { type Block, fileMagic, streamStart } from '../ipc/ipc-file-format.ts';
import { messagePrefixBytes } from '../ipc/ipc-format.ts';
import { readMessages, type StreamMessage } from '../ipc/ipc-reader.ts';
import { sealedPath, sealingFolder } from '../layout.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { writeAll } from '../write-all.ts';

export const sealingSuffix = '.tmp';

/** A step takes about a millisecond, so that the thread can do other work between two steps. */
const stepBytes = 1024 * 1024;

/** A sync after each 16 MiB. One sync at the end would block the thread for long. */
const syncBytes = 16 * 1024 * 1024;

/**
 * Each step copies a little. The last one returns the new path, which is durable. Returns undefined
 * if there is nothing to do: the path is not that of a staged segment, the segment is not sealed or
 * is gone, its target exists, or T would leave less free space than `freeBytesMin`. If the
 * generator is ended early or throws, S stays as it was.
 */
export function* sealAsFile(
  storage: Storage,
  outputDir: string,
  path: string,
  freeBytesMin = 0,
): Generator<void, string | undefined, undefined> {
  const target = sealedPath(path);
  if (target === undefined || storage.stat(join(outputDir, target)) !== undefined) return undefined;
  const facts = storage.stat(join(outputDir, path));
  if (facts?.kind !== 'file') return undefined;
  if (storage.freeBytes(outputDir) < facts.bytes + freeBytesMin) return undefined;
  const temporary = join(outputDir, sealingFolder, `${basename(path)}${sealingSuffix}`);
  storage.makeFolder(dirname(temporary));
  try {
    const isWhole = yield* writeFile(storage, join(outputDir, path), temporary);
    // If somebody removed S meanwhile, it must not come back as F.
    if (!isWhole || storage.stat(join(outputDir, path)) === undefined) return undefined;
    storage.rename(temporary, join(outputDir, target));
  } finally {
    if (storage.stat(temporary) !== undefined) storage.remove(temporary);
  }
  storage.syncFolder(join(outputDir, dirname(target)));
  storage.remove(join(outputDir, path));
  storage.syncFolder(join(outputDir, dirname(target)));
  return target;
}

function* writeFile(
  storage: Storage,
  sourcePath: string,
  targetPath: string,
): Generator<void, boolean, undefined> {
  if (storage.stat(targetPath) !== undefined) storage.remove(targetPath);
  const source = storage.open(sourcePath, 'read');
  try {
    const target = storage.open(targetPath, 'create');
    try {
      return yield* copyStream(storage, source, target);
    } finally {
      storage.close(target);
    }
  } finally {
    storage.close(source);
  }
}

/** False if the source is not a sealed stream. */
function* copyStream(
  storage: Storage,
  source: OpenFile,
  target: OpenFile,
): Generator<void, boolean, undefined> {
  const stream = yield* readSealed(storage, source);
  if (stream === undefined) return false;
  const { schemaBytes, blocks, bytes } = stream;
  let end = writeAll(storage, target, [fileMagic], 0);
  for (let done = 0; done < bytes; done += stepBytes) {
    const chunk = readRange(storage, source, done, Math.min(stepBytes, bytes - done));
    end = writeAll(storage, target, [chunk], end);
    if ((done + stepBytes) % syncBytes === 0) storage.syncData(target);
    yield;
  }
  if (end !== fileMagic.byteLength + bytes) throw new Error('a sealed segment became shorter');
  const metadata = readRange(storage, source, messagePrefixBytes, schemaBytes);
  writeAll(storage, target, [fileEnd(metadata, blocks)], end);
  storage.syncData(target);
  return true;
}

interface SealedStream {
  /** Length of the schema message's metadata. */
  readonly schemaBytes: number;
  /** The positions of the batches in the finished file. */
  readonly blocks: readonly Block[];
  readonly bytes: number;
}

/** Undefined if the source is not a sealed stream. */
function* readSealed(
  storage: Storage,
  source: OpenFile,
): Generator<void, SealedStream | undefined, undefined> {
  if (streamStart(storage, source) !== 0) return undefined;
  const blocks: Block[] = [];
  let schemaBytes = 0;
  for (const item of readMessages(storage, source)) {
    if (item.kind === 'end') {
      return item.state === 'sealed' ? { schemaBytes, blocks, bytes: item.offset } : undefined;
    }
    if (item.kind === 'schema') schemaBytes = item.metadataBytes;
    else blocks.push(toBlock(item));
    yield;
  }
  return undefined;
}

/** Position of the message in the file, which begins with a magic. */
function toBlock({ offset, metadataBytes, bodyBytes }: StreamMessage): Block {
  return {
    offset: offset + fileMagic.byteLength,
    metadataBytes: messagePrefixBytes + metadataBytes,
    bodyBytes,
  };
}
