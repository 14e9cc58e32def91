/** Writes a request of any signal: resource groups, scope groups, records. */

import type { Columns } from '../column/columns.ts';
import { attributes } from '../field/attributes-field.ts';
import type { Field } from '../field/field.ts';
import { optionalMessage } from '../field/message.ts';
import { uint32 } from '../field/number-fields.ts';
import { text } from '../field/text-fields.ts';
import { bytesType, type WireWriter } from '../wire/wire-writer.ts';
import type { BatchRows, GroupColumn } from './batch-rows.ts';
import type { RecordWriter } from './signal-records.ts';

/** The field of Export…ServiceRequest. */
const resourceGroupTag = (1 << 3) | bytesType;

/** Fields of ResourceSpans, ResourceLogs and ResourceMetrics. */
const resourceTag = (1 << 3) | bytesType;
const scopeGroupTag = (2 << 3) | bytesType;

/** Fields of ScopeSpans, ScopeLogs and ScopeMetrics. */
const scopeTag = (1 << 3) | bytesType;

/** The field number in both kinds of groups. */
const schemaUrlNumber = 3;

/** A group usually takes between 128 bytes and 2 MiB. */
const expectedLengthBytes = 3;

/** What a level of groups contains besides the groups or records below it. */
interface GroupLevel {
  readonly own: Field;
  readonly ownTag: number;
  readonly schemaUrl: Field;
}

export class RequestWriter {
  readonly #records: RecordWriter;
  readonly #resource: GroupLevel = {
    own: optionalMessage(1, 'resource_attributes', [
      attributes(1, 'resource_attributes'),
      uint32(2, 'resource_dropped_attributes_count'),
    ]),
    ownTag: resourceTag,
    schemaUrl: text(schemaUrlNumber, 'resource_schema_url'),
  };
  readonly #scope: GroupLevel = {
    own: optionalMessage(1, 'scope_name', [
      text(1, 'scope_name'),
      text(2, 'scope_version'),
      attributes(3, 'scope_attributes'),
      uint32(4, 'scope_dropped_attributes_count'),
    ]),
    ownTag: scopeTag,
    schemaUrl: text(schemaUrlNumber, 'scope_schema_url'),
  };

  constructor(records: RecordWriter) {
    this.#records = records;
  }

  /** Returns the columns by which rows form groups. */
  get groups(): readonly GroupColumn[] {
    return ['batch_id', 'resource_index', 'scope_index', ...this.#records.groups];
  }

  load(columns: Columns): void {
    for (const { own, schemaUrl } of [this.#resource, this.#scope]) {
      own.load(columns);
      schemaUrl.load(columns);
    }
    this.#records.load(columns);
  }

  /** Writes the request whose rows are those from `start` to `end`. */
  write(out: WireWriter, rows: BatchRows, start: number, end: number): void {
    const { request } = rows.visit(start);
    let first = start;
    while (first < end) {
      const groupEnd = rows.groupEnd('resource_index', first, end);
      if (rows.hasSelected(first, groupEnd)) this.#writeResourceGroup(out, rows, first, groupEnd);
      first = groupEnd;
    }
    if (request !== undefined) out.writeRaw(request);
  }

  /**
   * Writes a resource group. Its first row holds what concerns the whole group, even if that row is
   * not selected.
   */
  #writeResourceGroup(out: WireWriter, rows: BatchRows, start: number, end: number): void {
    const extra = rows.visit(start);
    const contentStart = out.open(resourceGroupTag, expectedLengthBytes);
    writeOwn(out, this.#resource, start, extra.resource);
    let first = start;
    while (first < end) {
      const groupEnd = rows.groupEnd('scope_index', first, end);
      if (rows.hasSelected(first, groupEnd)) this.#writeScopeGroup(out, rows, first, groupEnd);
      first = groupEnd;
    }
    writeRest(out, this.#resource, start, extra.resourceGroup);
    out.close(contentStart, expectedLengthBytes);
  }

  #writeScopeGroup(out: WireWriter, rows: BatchRows, start: number, end: number): void {
    const extra = rows.visit(start);
    const contentStart = out.open(scopeGroupTag, expectedLengthBytes);
    writeOwn(out, this.#scope, start, extra.scope);
    this.#records.write(out, rows, start, end);
    writeRest(out, this.#scope, start, extra.scopeGroup);
    out.close(contentStart, expectedLengthBytes);
  }
}

/** Writes the resource or the scope. */
function writeOwn(out: WireWriter, level: GroupLevel, row: number, raw?: Uint8Array): void {
  if (raw === undefined) level.own.write(out, row);
  else out.writeBytes(level.ownTag, raw, 0, raw.length);
}

/** Writes the fields that follow the groups or records. */
function writeRest(out: WireWriter, level: GroupLevel, row: number, raw?: Uint8Array): void {
  if (raw === undefined) level.schemaUrl.write(out, row);
  else out.writeRaw(raw);
}
