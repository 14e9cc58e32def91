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
  misplacedField,
  reset,
  rows,
  servicesRun,
  tolerateMisplacedFields,
  traceIds,
  truncate,
} from './batch/batch.ts';
import { materialise } from './batch/materialise.ts';
import { traceFilter, traceFilterBound } from './batch/trace-filter.ts';
import { cutTable } from './column/cut-table.ts';
import { hexTextIdCount } from './column/id-column.ts';
import { allocateForHost, free, reserve } from './memory/heap.ts';
import { zstdBound, zstdHex, zstdZeros } from './zstd/zstd-frames.ts';
import { zstdOffsets } from './zstd/zstd-offsets.ts';
import { zstdRun, zstdRunBound } from './zstd/zstd-run.ts';
import { zstdTimes } from './zstd/zstd-times.ts';

export {
  allocateForHost as allocate,
  cut,
  cutTable,
  decode,
  firstReceivedTime,
  firstTime,
  free,
  heldBytes,
  hexTextIdCount,
  initialise,
  irregularRequestCount,
  lastReceivedTime,
  lastTime,
  materialise,
  misplacedField,
  reserve,
  reset,
  rows,
  servicesRun,
  tolerateMisplacedFields,
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
