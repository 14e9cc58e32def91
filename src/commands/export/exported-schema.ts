/** The schema of an exported file of columns: that of the segments, and who wrote what. */
import { archiveSchema, type SchemaOrigin, schemaMessage } from '../../columns/schema.ts';
import { packageVersion } from '../../shared/version.ts';
import type { ExportSource } from './export-source.ts';

/** Returns the schema as the first message of an Arrow IPC stream. */
export function exportedSchema(source: ExportSource): Uint8Array {
  return schemaMessage(source.signal, exportOrigin(source));
}

/** The schema's own metadata. */
export function exportedMetadata(source: ExportSource): ReadonlyMap<string, string> {
  return archiveSchema(source.signal, exportOrigin(source)).metadata;
}

/** Several recorders are named with commas between. */
function exportOrigin({ recorders }: ExportSource): SchemaOrigin {
  return { writer: `otlp-archer ${packageVersion()}`, recorder: recorders.join(',') };
}
