/** Takes a request, which all signals build alike: resource groups, scope groups, records. */
import { position } from './cursor.ts';
import { endResource, readResource, readResourceSchemaUrl, startResource } from './resource.ts';
import { endScope, readScope, readScopeSchemaUrl, startScope } from './scope.ts';
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

/** Reads from the cursor up to `end`. What it leaves after a failure has to be undone. */
export function readRequest(columns: SignalColumns, end: usize): void {
  let index: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === resourceGroupTag) readResourceGroup(columns, Wire.readContentEnd(end), index++);
    else skipField(tag, end);
  }
}

/** The resource may stand behind its scope groups, so its columns are written at the end. */
function readResourceGroup(columns: SignalColumns, end: usize, index: u32): void {
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
      case schemaUrlTag:
        readResourceSchemaUrl(end);
        break;
      default:
        skipField(tag, end);
    }
  }
  endResource(columns.tail, columns.serviceName, index, columns.table.rows - firstRow);
}

/** The scope may stand behind its records. */
function readScopeGroup(columns: SignalColumns, end: usize, index: u32): void {
  const firstRow = columns.table.rows;
  startScope();
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case scopeTag:
        readScope(Wire.readContentEnd(end));
        break;
      case recordTag:
        columns.readRecord(Wire.readContentEnd(end));
        break;
      case schemaUrlTag:
        readScopeSchemaUrl(end);
        break;
      default:
        skipField(tag, end);
    }
  }
  endScope(columns.tail, index, columns.table.rows - firstRow);
}
