/** Takes a whole request, which all signals build alike: resource groups, scope groups, records. */
import { position } from './cursor.ts';
import { irregular } from './irregular.ts';
import { endResource, readResource, startResource } from './resource.ts';
import { endScope, readScope, startScope } from './scope.ts';
import { SignalColumns } from './signal-columns.ts';
import { skipField } from './skip-field.ts';
import { bytesType, Wire } from './wire-reader.ts';

/** Of Export…ServiceRequest. */
const resourceGroupTag: u32 = (1 << 3) | bytesType;

/** Of ResourceSpans, ResourceLogs and ResourceMetrics. */
const resourceTag: u32 = (1 << 3) | bytesType;
const scopeGroupTag: u32 = (2 << 3) | bytesType;

/** Of ScopeSpans, ScopeLogs and ScopeMetrics. */
const scopeTag: u32 = (1 << 3) | bytesType;
const recordTag: u32 = (2 << 3) | bytesType;

/** Of both kinds of groups. */
const schemaUrlTag: u32 = (3 << 3) | bytesType;

/** Reads the request from the cursor up to `end`. What it leaves after a failure is to be undone. */
export function readRequest(columns: SignalColumns, end: usize): void {
  let resourceIndex: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === resourceGroupTag)
      readResourceGroup(columns, Wire.readContentEnd(end), resourceIndex++);
    else skipField(tag, end);
  }
}

function readResourceGroup(columns: SignalColumns, end: usize, resourceIndex: u32): void {
  const firstRow = columns.table.rows;
  let scopeIndex: u32 = 0;
  let schemaUrlAddress: usize = 0;
  let schemaUrlBytes: u32 = 0;
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
      case schemaUrlTag:
        if (schemaUrlAddress !== 0) irregular();
        schemaUrlAddress = Wire.readContent(end);
        schemaUrlBytes = <u32>(position - schemaUrlAddress);
        break;
      default:
        skipField(tag, end);
    }
  }
  const tail = columns.tail;
  const rows = columns.table.rows - firstRow;
  endResource(tail, columns.serviceName, rows);
  if (rows === 0) return;
  tail.resourceSchemaUrl.append(rows, schemaUrlAddress, schemaUrlBytes);
  tail.resourceIndex.append(rows, resourceIndex);
}

function readScopeGroup(columns: SignalColumns, end: usize, scopeIndex: u32): void {
  const firstRow = columns.table.rows;
  let schemaUrlAddress: usize = 0;
  let schemaUrlBytes: u32 = 0;
  startScope();
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case recordTag:
        columns.readRecord(Wire.readContentEnd(end));
        break;
      case scopeTag:
        readScope(Wire.readContentEnd(end));
        break;
      case schemaUrlTag:
        if (schemaUrlAddress !== 0) irregular();
        schemaUrlAddress = Wire.readContent(end);
        schemaUrlBytes = <u32>(position - schemaUrlAddress);
        break;
      default:
        skipField(tag, end);
    }
  }
  const tail = columns.tail;
  const rows = columns.table.rows - firstRow;
  endScope(tail, rows);
  if (rows === 0) return;
  tail.scopeSchemaUrl.append(rows, schemaUrlAddress, schemaUrlBytes);
  tail.scopeIndex.append(rows, scopeIndex);
}
