/** The formats of an export, each with the ending of its files and what writes it. */
import { arrowFile } from './arrow-file.ts';
import { csv } from './csv.ts';
import type { ExportSource } from './export-source.ts';
import { jsonLines, lengthPrefixed } from './otlp-requests.ts';
import { parquet } from './parquet.ts';

export interface ExportFormat {
  /** The file name's extension, without the dot. */
  readonly ending: string;
  /** The file, piece by piece; pieces are not changed any more. */
  readonly encode: (source: ExportSource) => AsyncIterable<Uint8Array>;
}

export const exportFormats = {
  parquet: { ending: 'parquet', encode: parquet },
  'arrow-file': { ending: 'arrow', encode: arrowFile },
  'otlp-jsonl': { ending: 'jsonl', encode: jsonLines },
  'otlp-proto': { ending: 'binpb', encode: lengthPrefixed },
  csv: { ending: 'csv', encode: csv },
} as const satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof exportFormats;
