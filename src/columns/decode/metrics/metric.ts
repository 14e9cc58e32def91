/** Reads a Metric into the columns of metrics/1: one row for each of its data points. */

import { forgetRecords, keepNoPoints, keepRecord } from '../request/extra.ts';
import { failure, position } from '../wire/cursor.ts';
import { IrregularLevel, irregular, irregularCount, noteSingular } from '../wire/irregular.ts';
import { Wire } from '../wire/wire-reader.ts';
import { endPoint, startPoint } from './data-point.ts';
import { readExponentialPoint } from './exponential-point.ts';
import { readHistogramPoint } from './histogram-point.ts';
import { points } from './metric-columns.ts';
import {
  exponentialHistogramTag,
  histogramTag,
  isData,
  noDataTag,
  pointTag,
  summaryTag,
} from './metric-data.ts';
import {
  closeHead,
  endHead,
  readDataField,
  readHeadField,
  startData,
  startHead,
} from './metric-head.ts';
import { keepShell } from './metric-shell.ts';
import { readNumberPoint } from './number-point.ts';
import { readSummaryPoint } from './summary-point.ts';

/** The level of the Metric without its points. */
const metricLevel = new IrregularLevel();

let firstRow: u32 = 0;
let dataTag: u32 = noDataTag;

/** Adds the rows of the Metric with number `index` in its scope group. */
export function readMetric(end: usize, index: u32): void {
  const start = position;
  firstRow = points.rows;
  dataTag = noDataTag;
  startHead();
  metricLevel.start();
  metricLevel.enter();
  while (position < end) {
    const tag = Wire.readTag(end);
    if (isData(tag)) readData(tag, Wire.readContentEnd(end));
    else readHeadField(tag, end);
  }
  if (failure === 0) endMetric(start, end, index);
  closeHead();
}

/**
 * Ends the Metric. Its other fields may follow the points, so their columns are written at the end.
 */
function endMetric(start: usize, end: usize, index: u32): void {
  if (points.rows === firstRow) addRowWithoutPoint();
  endHead(firstRow, points.rows - firstRow, index);
  metricLevel.leave();
  if (metricLevel.isIrregular) keepShell(firstRow, start, end);
}

function addRowWithoutPoint(): void {
  if (!startPoint()) return;
  endPoint(points.rows);
  keepNoPoints(firstRow);
}

/**
 * Reads a member of `data`. If several members occur, the last one counts. A member that occurs
 * twice in succession is continued, as protobuf merges messages.
 */
function readData(tag: u32, end: usize): void {
  if (dataTag !== noDataTag) irregular();
  if (dataTag !== tag) {
    forgetPoints();
    startData(tag);
    dataTag = tag;
  }
  let seen: u32 = 0;
  while (position < end) {
    const fieldTag = Wire.readTag(end);
    if (fieldTag === pointTag) {
      readPoint(tag, Wire.readContentEnd(end));
    } else {
      seen = noteSingular(seen, fieldTag);
      readDataField(fieldTag, end);
    }
  }
}

function forgetPoints(): void {
  if (points.rows === firstRow) return;
  points.truncate(firstRow);
  forgetRecords(firstRow);
}

function readPoint(tag: u32, end: usize): void {
  const row = points.rows;
  const start = position;
  const countBefore = irregularCount;
  metricLevel.leave();
  readPointOf(tag, end);
  metricLevel.enter();
  if (irregularCount !== countBefore) keepRecord(row, start, end);
}

function readPointOf(tag: u32, end: usize): void {
  switch (tag) {
    case histogramTag:
      readHistogramPoint(end);
      break;
    case exponentialHistogramTag:
      readExponentialPoint(end);
      break;
    case summaryTag:
      readSummaryPoint(end);
      break;
    default:
      readNumberPoint(end);
  }
}
