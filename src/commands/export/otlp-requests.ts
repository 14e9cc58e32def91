/** Rebuilt requests one behind the other, as the Collector's file exporter has them. */
import { requestToJson } from '../../client/request-json.ts';
import type { ExportSource } from './export-source.ts';

/** A u32, big-endian. */
const lengthBytes = 4;

/** OTLP/JSON: one request in each line. */
export async function* jsonLines(source: ExportSource): AsyncGenerator<Uint8Array> {
  for await (const { signal, bytes } of source.rebuilt()) {
    yield Buffer.from(`${requestToJson(signal, bytes)}\n`);
  }
}

/** Protobuf: each request behind its length. */
export async function* lengthPrefixed(source: ExportSource): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of source.rebuilt()) {
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32BE(bytes.byteLength);
    yield length;
    yield bytes;
  }
}
