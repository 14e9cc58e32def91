/**
 * Reads a request, which has the same structure in all signals: resource groups, scope groups,
 * records.
 */
import { position } from '../wire/cursor.ts';
import { IrregularLevel, irregularCount } from '../wire/irregular.ts';
import { requestMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, Wire } from '../wire/wire-reader.ts';
import {
  keepRecord,
  requestPart,
  resourceGroupPart,
  resourcePart,
  scopeGroupPart,
  scopePart,
} from './extra.ts';
import { keepContents, keepOtherFields } from './extra-fields.ts';
import {
  endResource,
  readResource,
  readResourceGroupField,
  resourceGroupLevel,
  resourceLevel,
  startResource,
} from './resource.ts';
import {
  endScope,
  readScope,
  readScopeGroupField,
  scopeGroupLevel,
  scopeLevel,
  startScope,
} from './scope.ts';
import { SignalColumns } from './signal-columns.ts';

/** The field of Export…ServiceRequest. */
const resourceGroupTag: u32 = (1 << 3) | bytesType;

/** Fields of ResourceSpans, ResourceLogs and ResourceMetrics. */
const resourceTag: u32 = (1 << 3) | bytesType;
const scopeGroupTag: u32 = (2 << 3) | bytesType;

/** Fields of ScopeSpans, ScopeLogs and ScopeMetrics. */
const scopeTag: u32 = (1 << 3) | bytesType;
const recordTag: u32 = (2 << 3) | bytesType;

/** The fields of the request that are not resource groups. */
const requestLevel = new IrregularLevel();

/**
 * Reads the request from the cursor up to `end`. After a failure the caller must truncate the
 * columns.
 */
export function readRequest(columns: SignalColumns, end: usize): void {
  const start = position;
  const firstRow = columns.table.rows;
  let index: u32 = 0;
  requestLevel.start();
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === resourceGroupTag) readResourceGroup(columns, Wire.readContentEnd(end), index++);
    else readRequestField(tag, end);
  }
  if (columns.table.rows === firstRow || !requestLevel.isIrregular) return;
  keepOtherFields(requestPart, firstRow, start, end, resourceGroupTag, resourceGroupTag);
}

function readRequestField(tag: u32, end: usize): void {
  requestLevel.enter();
  skipField(tag, end, requestMessage);
  requestLevel.leave();
}

/**
 * Reads a resource group. Its resource may follow the scope groups, so the resource's columns are
 * written at the end.
 */
function readResourceGroup(columns: SignalColumns, end: usize, index: u32): void {
  const start = position;
  const firstRow = columns.table.rows;
  let scopeIndex: u32 = 0;
  startResource();
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case resourceTag:
        readResource(Wire.readContentEnd(end));
        break;
      case scopeGroupTag:
        readScopeGroup(columns, Wire.readContentEnd(end), scopeIndex++);
        break;
      default:
        readResourceGroupField(tag, end);
    }
  }
  const rows = columns.table.rows - firstRow;
  if (rows === 0) return;
  endResource(columns.groupColumns, columns.serviceName, index, rows);
  keepIrregularResource(firstRow, start, end);
}

/** Keeps what is irregular in the group, on the group's first row. */
function keepIrregularResource(firstRow: u32, start: usize, end: usize): void {
  if (resourceGroupLevel.isIrregular)
    keepOtherFields(resourceGroupPart, firstRow, start, end, resourceTag, scopeGroupTag);
  if (resourceLevel.isIrregular) keepContents(resourcePart, firstRow, start, end, resourceTag);
}

/**
 * Reads a scope group. Its scope may follow the records, so the scope's columns are written at the
 * end.
 */
function readScopeGroup(columns: SignalColumns, end: usize, index: u32): void {
  const start = position;
  const firstRow = columns.table.rows;
  startScope();
  columns.startScopeGroup();
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case scopeTag:
        readScope(Wire.readContentEnd(end));
        break;
      case recordTag:
        readRecord(columns, Wire.readContentEnd(end));
        break;
      default:
        readScopeGroupField(tag, end);
    }
  }
  const rows = columns.table.rows - firstRow;
  if (rows === 0) return;
  endScope(columns.groupColumns, index, rows);
  keepIrregularScope(firstRow, start, end);
}

function keepIrregularScope(firstRow: u32, start: usize, end: usize): void {
  if (scopeGroupLevel.isIrregular)
    keepOtherFields(scopeGroupPart, firstRow, start, end, scopeTag, recordTag);
  if (scopeLevel.isIrregular) keepContents(scopePart, firstRow, start, end, scopeTag);
}

function readRecord(columns: SignalColumns, end: usize): void {
  const row = columns.table.rows;
  const start = position;
  const countBefore = irregularCount;
  columns.readRecord(end);
  if (irregularCount !== countBefore && columns.recordIsRow()) keepRecord(row, start, end);
}
