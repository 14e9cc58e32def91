/** Decides how to settle a segment that an earlier run left, and carries the decision out. */
import { join } from 'node:path';
import { syncFoldersAbove } from '../folders-above.ts';
import { endOfStream } from '../ipc/ipc-format.ts';
import type { Storage } from '../storage.ts';
import { writeAll } from '../write-all.ts';
import type { SegmentSurvey } from './segment-survey.ts';
import { type SetAsideSegment, setAside, type WholeContent } from './set-aside.ts';
import type { SoundBatch } from './sound-batch.ts';

/**
 * keep: the segment is sealed and whole. end: the bytes after `keptBytes` are torn; they are cut
 * and the end mark is written. remove: the segment never had a row. setAside: the segment is
 * damaged before its last row, or was damaged after it was sealed, or holds rows twice; its kept
 * batches get a new file at its path.
 */
export type SettlementPlan =
  | { readonly action: 'keep' }
  | { readonly action: 'end'; readonly keptBytes: number; readonly cutBytes: number }
  | { readonly action: 'remove' }
  | { readonly action: 'setAside'; readonly kept: WholeContent };

/** `batches` are the whole batches that stay, as the caller decided. */
export function planSettlement(
  survey: SegmentSurvey,
  batches: readonly SoundBatch[],
): SettlementPlan {
  const { fileBytes, schemaBytes, soundBytes, endBytes, hasEndMark, isFile } = survey;
  if (schemaBytes === 0) return planWithoutSchema(survey);
  const isDamaged = survey.hasGap || survey.isUnreadable;
  // A file with an end mark was whole once, so its tail is damaged and not torn. So is an IPC file.
  const isEndDamaged = hasEndMark ? soundBytes + endBytes !== fileBytes : isFile;
  if (isDamaged || isEndDamaged || batches.length < survey.batches.length) {
    return { action: 'setAside', kept: { schemaBytes, batches } };
  }
  if (batches.length === 0) return { action: 'remove' };
  if (hasEndMark) return { action: 'keep' };
  return { action: 'end', keptBytes: soundBytes, cutBytes: fileBytes - soundBytes };
}

/** Batches need the schema to be read. If the schema itself is cut short, there never were any. */
function planWithoutSchema(survey: SegmentSurvey): SettlementPlan {
  const isCutShort = survey.isSchemaCutShort && survey.batches.length === 0;
  if (isCutShort && !survey.isUnreadable && !survey.isFile) return { action: 'remove' };
  return { action: 'setAside', kept: { schemaBytes: 0, batches: [] } };
}

/**
 * The result is durable when this returns. If the process is killed meanwhile, the next start makes
 * the same plan again or finds nothing left to do.
 */
export function settleSegment(
  storage: Storage,
  outputDir: string,
  path: string,
  plan: SettlementPlan,
): SetAsideSegment | undefined {
  if (plan.action === 'setAside') return setAside(storage, outputDir, path, plan.kept);
  if (plan.action === 'remove') storage.remove(join(outputDir, path));
  if (plan.action === 'end') endStream(storage, join(outputDir, path), plan.keptBytes);
  syncFoldersAbove(storage, outputDir, path);
  return undefined;
}

function endStream(storage: Storage, path: string, keptBytes: number): void {
  const file = storage.open(path, 'update');
  try {
    storage.truncate(file, keptBytes);
    writeAll(storage, file, [endOfStream], keptBytes);
    storage.syncData(file);
  } finally {
    storage.close(file);
  }
}
