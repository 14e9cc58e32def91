/** How `archer repair` says what it did. */

import type { LostRequests, RepairableSegment } from '../../disk/check/segment-repair.ts';
import { endOfStream } from '../../disk/ipc/ipc-format.ts';
import type { Problem } from '../../shared/errors.ts';

export interface RepairedFile {
  readonly path: string;
  /** keep: nothing was to be cut. end: done. held: a recorder is at it. failed: left as it is. */
  readonly action: 'keep' | 'end' | 'held' | 'failed';
  /** The plan for a file that could be read to its end. */
  readonly plan?: RepairableSegment;
  readonly problem?: Problem;
}

/** None for a file with a problem, which goes to standard error. */
export function repairLines({ path, action, plan }: RepairedFile): string[] {
  if (plan === undefined) return [];
  const { lost, damaged } = plan;
  const done = action === 'keep' ? 'nothing is torn' : doneText(plan);
  return [
    `${path}: ${done}, ${keptText(plan)}`,
    ...(lost === undefined ? [] : [`${path}: ${lostText(lost)}`]),
    ...damaged.map((offset) => `${path}: the batch at byte ${offset} is damaged and stays`),
  ];
}

/** Positions are text, as JSON numbers end at 2^53 in many readers. */
export function toJson(files: readonly RepairedFile[]): string {
  const rows = files.map(({ path, action, plan, problem }) => ({
    file: path,
    action,
    problem: problem?.message ?? null,
    code: problem?.code ?? null,
    bytes: plan === undefined ? null : bytesNow(plan),
    cut_bytes: plan?.cutBytes ?? 0,
    batches: plan?.batches ?? null,
    rows: plan?.rows ?? null,
    lost: plan?.lost === undefined ? null : lostJson(plan.lost),
    damaged: plan?.damaged ?? [],
  }));
  return JSON.stringify(rows);
}

function doneText({ cutBytes, hasEndMark, footer }: RepairableSegment): string {
  const cut = cutBytes === 0 ? 'nothing had to be cut' : `cut ${cutBytes} bytes`;
  const marked = hasEndMark ? cut : `${cut}, the end mark is set`;
  return footer === undefined ? marked : `${marked}, the footer is written`;
}

function keptText({ batches, rows }: RepairableSegment): string {
  const rowText = rows === 1 ? '1 row' : `${rows} rows`;
  return batches === 1
    ? `1 batch with ${rowText} is kept`
    : `${batches} batches with ${rowText} are kept`;
}

function lostText({ lane, from, to }: LostRequests): string {
  if (from === null) return 'which requests were in it is not known';
  if (to === null) return `requests from position ${from} of lane ${lane} on may have been in it`;
  return `requests between positions ${from} and ${to} of lane ${lane} were in it`;
}

function lostJson({ lane, from, to }: LostRequests) {
  return { lane, from: positionText(from), to: positionText(to) };
}

function positionText(position: bigint | null): string | null {
  return position === null ? null : String(position);
}

function bytesNow({ keptBytes, hasEndMark, footer }: RepairableSegment): number {
  const markBytes = hasEndMark ? 0 : endOfStream.byteLength;
  return keptBytes + markBytes + (footer?.byteLength ?? 0);
}
