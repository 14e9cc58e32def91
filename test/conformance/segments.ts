/** The segment files of an output directory, in the order of their numbers. */
import { join } from 'node:path';
import { segmentFiles } from '../../src/disk/segment/segment-files.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';

export function segmentsIn(outputDir: string, of: readonly Signal[] = signals): string[] {
  return segmentFiles(nodeStorage, outputDir, of).map(({ path }) => join(outputDir, path));
}
