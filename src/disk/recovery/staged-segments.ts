/**
 * Settles what an interrupted rewrite as an Arrow IPC file left: of stream and file, the one that
 * is whole stays (segment/sealed-file.ts draws the steps).
 */
import { dirname, join } from 'node:path';
import { signals } from '../../shared/signal.ts';
import { sealedPath, sealingFolder } from '../layout.ts';
import { sealingSuffix } from '../segment/sealed-file.ts';
import { allSegmentFiles } from '../segment/segment-files.ts';
import type { Storage } from '../storage.ts';
import { isWholeSegment, type SegmentSurvey } from './segment-survey.ts';
import { setAside } from './set-aside.ts';

/**
 * If a stream and its file both exist and the file is whole, the stream is removed. Otherwise the
 * file is set aside, and the stream is rewritten later. Staged segments of other recorders stay as
 * they are.
 */
export function settleStaged(
  storage: Storage,
  outputDir: string,
  recorderId: string,
  survey: (path: string) => SegmentSurvey | undefined,
): void {
  removeTemporaries(storage, outputDir);
  const paths = allSegmentFiles(storage, outputDir, signals).map(({ path }) => path);
  const known = new Set(paths);
  for (const path of paths) {
    const target = sealedPath(path);
    if (target === undefined || !known.has(target)) continue;
    if (survey(path)?.schemaRecorder !== recorderId) continue;
    const file = survey(target);
    if (file !== undefined && isWholeSegment(file)) {
      storage.remove(join(outputDir, path));
      storage.syncFolder(join(outputDir, dirname(path)));
    } else setAside(storage, outputDir, target, { schemaBytes: 0, batches: [] });
  }
}

function removeTemporaries(storage: Storage, outputDir: string): void {
  const folder = join(outputDir, sealingFolder);
  if (storage.stat(folder)?.kind !== 'folder') return;
  for (const { name, kind } of storage.list(folder)) {
    if (kind === 'file' && name.endsWith(sealingSuffix)) storage.remove(join(folder, name));
  }
}
