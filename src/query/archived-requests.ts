/** Turns batches of rows back into the requests that they came from. */
import {
  type RebuildFault,
  type RebuiltRequest,
  RequestRebuilder,
} from '../columns/request-rebuilder.ts';
import { laneOfBatchId, positionOfBatchId } from '../shared/batch-id.ts';
import type { Signal } from '../shared/signal.ts';
import { type ArchiveFault, batchFault, type SelectedBatch } from './archive-reader.ts';

/** A request rebuilt from its selected rows. */
export interface ArchivedRequest {
  readonly kind: 'request';
  readonly signal: Signal;
  /** lane x 2^48 + position. */
  readonly batchId: bigint;
  readonly lane: number;
  /** Position in the log of its lane. */
  readonly position: number;
  /** Unix nanoseconds. */
  readonly receivedTime: bigint;
  /** Number of rows that it was rebuilt from. */
  readonly rows: number;
  /** An Export…ServiceRequest in protobuf. The memory is its own: the receiver may keep it. */
  readonly bytes: Uint8Array;
}

/** Yields the rebuilt requests and all faults, including requests that cannot be rebuilt. */
export async function* rebuildRequests(
  signal: Signal,
  batches: AsyncIterable<SelectedBatch | ArchiveFault>,
): AsyncGenerator<ArchivedRequest | ArchiveFault, undefined, undefined> {
  const writer = new RequestRebuilder(signal);
  let rowsBefore = 0;
  for await (const selected of batches) {
    if (selected.kind === 'fault') yield selected;
    else {
      yield* rebuildBatch(writer, selected, rowsBefore);
      rowsBefore += selected.batch.rows;
    }
  }
}

function* rebuildBatch(
  writer: RequestRebuilder,
  selected: SelectedBatch,
  rowsBefore: number,
): Generator<ArchivedRequest | ArchiveFault> {
  const { batch, mask } = selected;
  const isSelected = mask === undefined ? undefined : (row: number) => mask[row] === 1;
  try {
    for (const rebuilt of writer.rebuild(batch, isSelected)) {
      if (rebuilt.kind === 'request') yield toRequest(rebuilt);
      else yield toFault(selected, rebuilt, rowsBefore);
    }
  } catch (error) {
    yield batchFault(selected, error);
  }
}

function toRequest(rebuilt: RebuiltRequest): ArchivedRequest {
  return {
    ...rebuilt,
    lane: laneOfBatchId(rebuilt.batchId),
    position: positionOfBatchId(rebuilt.batchId),
  };
}

function toFault(
  { path, batch }: SelectedBatch,
  { row, column, what, batchId }: RebuildFault,
  rowsBefore: number,
): ArchiveFault {
  const which = batchId === undefined ? 'its requests' : `request ${batchId}`;
  const where = `row ${row - rowsBefore}, column ${column}`;
  const { offset } = batch.message;
  return {
    ...{ kind: 'fault', code: 'ERR_ARCHER_REQUEST_NOT_REBUILDABLE', path, offset },
    what: `${which} cannot be rebuilt: ${where}: ${what}`,
  };
}
