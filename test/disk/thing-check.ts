/** Checks segments of things as `archer verify` checks segments of spans. */

import type { FileReport } from '../../src/disk/check/file-report.ts';
import { checkSegment } from '../../src/disk/check/segment-check.ts';
import { endOfStream } from '../../src/disk/ipc/ipc-format.ts';
import { nativeDecompress } from '../../src/disk/ipc/zstd.ts';
import { memoryFile } from './memory-file.ts';
import {
  type ThingOptions,
  type ThingParts,
  thingBatch,
  thingParts,
  thingSchemaMessage,
  thingSchemas,
} from './thing-segment.ts';

const decompress = nativeDecompress();
const schemas = thingSchemas();

export function checkBytes(bytes: Uint8Array): Promise<FileReport> {
  return checkSegment(0, { storage: memoryFile(bytes), decompress, schemas });
}

/**
 * Returns the faults of a sealed segment with one batch of seven rows, after parts were changed.
 */
export async function faultsOf(
  change: (parts: ThingParts) => void = () => {},
  options: ThingOptions = {},
): Promise<string[]> {
  const parts = thingParts(1, 7);
  change(parts);
  const bytes = [thingSchemaMessage(), thingBatch(parts, options), endOfStream];
  const { faults } = await checkBytes(Buffer.concat(bytes));
  return faults.map(({ what }) => what);
}
