/** Decides what becomes of a segment that an earlier run left, and does it. */
import { join } from 'node:path';
import { syncFoldersAbove } from '../folders-above.ts';
import { endOfStream } from '../ipc/ipc-format.ts';
import type { Storage } from '../storage.ts';
import { writeAll } from '../write-all.ts';
import type { SegmentSurvey } from './segment-survey.ts';
import { type SetAsideSegment, setAside, type WholeContent } from './set-aside.ts';
import type { SoundBatch } from './sound-batch.ts';

/**
 * keep: it is sealed and whole. end: what lies behind the kept bytes is torn; it goes, and the end
 * mark comes. remove: it never had a row. setAside: something before its last row is damaged, or it
 * was sealed when it was damaged, or holds rows twice; the kept batches get a new file in its
 * place.
 */
export type SettlementPlan =
  | { readonly action: 'keep' }
  | { readonly action: 'end'; readonly keptBytes: number; readonly cutBytes: number }
  | { readonly action: 'remove' }
  | { readonly action: 'setAside'; readonly kept: WholeContent };

/** Which of the segment's whole batches are to stay is decided beforehand. */
export function planSettlement(
  survey: SegmentSurvey,
  batches: readonly SoundBatch[],
): SettlementPlan {
  const { fileBytes, schemaBytes, soundBytes, endBytes, hasEndMark, isFile } = survey;
  if (schemaBytes === 0) return planWithoutSchema(survey);
  const isDamaged = survey.hasGap || survey.isUnreadable;
  // What was ended once was whole then, so its tail is not torn; and a file was made whole.
  const isEndDamaged = hasEndMark ? soundBytes + endBytes !== fileBytes : isFile;
  if (isDamaged || isEndDamaged || batches.length < survey.batches.length) {
    return { action: 'setAside', kept: { schemaBytes, batches } };
  }
  if (batches.length === 0) return { action: 'remove' };
  if (hasEndMark) return { action: 'keep' };
  return { action: 'end', keptBytes: soundBytes, cutBytes: fileBytes - soundBytes };
}

/** Batches cannot be read without it; only what was cut short in it never had any. */
function planWithoutSchema(survey: SegmentSurvey): SettlementPlan {
  const isCutShort = survey.isSchemaCutShort && survey.batches.length === 0;
  if (isCutShort && !survey.isUnreadable && !survey.isFile) return { action: 'remove' };
  return { action: 'setAside', kept: { schemaBytes: 0, batches: [] } };
}

/**
 * Durable when it returns; killed meanwhile, the same plan is made once more or nothing is left to
 * do.
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
