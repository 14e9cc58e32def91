/** The exports of the decoder's module; request-decoder.ts gives them types. */
import {
  cut,
  decode,
  firstReceivedTime,
  firstTime,
  heldBytes,
  initialise,
  irregularRequestCount,
  lastReceivedTime,
  lastTime,
  reset,
  rows,
  servicesRun,
  traceIds,
  truncate,
} from './batch.ts';
import { cutTable } from './cut-table.ts';
import { allocate, free, reserve } from './heap.ts';
import { materialise } from './materialise.ts';
import { traceFilter, traceFilterBound } from './trace-filter.ts';
import { zstdBound, zstdHex, zstdZeros } from './zstd-frames.ts';
import { zstdOffsets } from './zstd-offsets.ts';
import { zstdRun, zstdRunBound } from './zstd-run.ts';
import { zstdTimes } from './zstd-times.ts';

export {
  allocate,
  cut,
  cutTable,
  decode,
  firstReceivedTime,
  firstTime,
  free,
  heldBytes,
  initialise,
  irregularRequestCount,
  lastReceivedTime,
  lastTime,
  materialise,
  reserve,
  reset,
  rows,
  servicesRun,
  traceFilter,
  traceFilterBound,
  traceIds,
  truncate,
  zstdBound,
  zstdHex,
  zstdOffsets,
  zstdRun,
  zstdRunBound,
  zstdTimes,
  zstdZeros,
};
