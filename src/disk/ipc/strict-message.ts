/** The outermost table of a message's metadata, read strictly. */
import { customMetadataCountMax, keyValueField, messageField } from './ipc-format.ts';
import { MetadataFault, StrictTable } from './strict-flatbuffer.ts';

/** The header, which must be of this type. Reads the message's own fields too, to check them. */
export function readHeader(metadata: Uint8Array, type: number): StrictTable {
  const message = StrictTable.root(metadata);
  message.int16(messageField.version);
  message.int64(messageField.bodyLength);
  readEntries(message, messageField.customMetadata);
  const header = message.table(messageField.header);
  if (header === undefined) throw new MetadataFault('the header is missing');
  if (message.int8(messageField.headerType) === type) return header;
  throw new MetadataFault('the header is of another type');
}

/** The entries of a field that holds custom metadata; of a key that comes twice the last. */
export function readEntries(table: StrictTable, field: number): ReadonlyMap<string, string> {
  const entries = table.tables(field, customMetadataCountMax);
  return new Map(
    entries.map((entry) => [entry.text(keyValueField.key), entry.text(keyValueField.value)]),
  );
}
