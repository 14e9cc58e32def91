/** Reads the outermost table of a message's metadata. */

import { FlatbufferTable, MetadataFault } from './flatbuffer-table.ts';
import { customMetadataCountMax, keyValueField, messageField } from './ipc-format.ts';

/**
 * The header table of a message. Also reads the message's own fields, so that they are checked.
 * Throws MetadataFault if a part is damaged or the header has another type.
 */
export function readHeader(metadata: Uint8Array, type: number): FlatbufferTable {
  const message = FlatbufferTable.root(metadata);
  message.int16(messageField.version);
  message.int64(messageField.bodyLength);
  readEntries(message, messageField.customMetadata);
  const header = message.table(messageField.header);
  if (header === undefined) throw new MetadataFault('the header is missing');
  if (message.int8(messageField.headerType) === type) return header;
  throw new MetadataFault('the header is of another type');
}

/**
 * The entries of a field that holds custom metadata. If a key occurs twice, its first value counts.
 */
export function readEntries(table: FlatbufferTable, field: number): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  let textLength = 0;
  for (const entry of table.tables(field, customMetadataCountMax)) {
    const key = entry.text(keyValueField.key);
    const value = entry.text(keyValueField.value);
    textLength += key.length + value.length;
    // Forged entries can share their bytes, and would then multiply the memory that they need.
    if (textLength > table.flatbufferBytes) throw new MetadataFault('entries overlap');
    if (!entries.has(key)) entries.set(key, value);
  }
  return entries;
}
