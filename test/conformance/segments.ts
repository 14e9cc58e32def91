/** The segment files of an output directory, in the order of their numbers. */
import { join } from 'node:path';
import { segmentFiles } from '../../src/disk/segment/catalogue.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { signals } from '../../src/shared/signal.ts';

export function segmentsIn(outputDir: string): string[] {
  return segmentFiles(nodeStorage, outputDir, signals).map(({ path }) => join(outputDir, path));
}
