/** Finds out from its first bytes which format a file has. */
import { UnreadableContent } from './byte-reader.ts';

/** The names are those of `archer export`. */
export const importFormats = ['otlp-jsonl', 'otlp-proto'] as const;
export type ImportFormat = (typeof importFormats)[number];

/** The size of the largest message: receivers accept at most 512 MiB. */
export const messageBytesMax = 512 * 1024 * 1024;

/** The first bytes that are looked at. */
export const lookBytes = 4096;

const lengthBytes = 4;
/** The first byte of a request in protobuf: field 1 with a length. */
const requestTag = 0x0a;
const gzipMagic = Buffer.from([0x1f, 0x8b, 0x08]);
const gzipReason = 'it is compressed with gzip: gzip -dc FILE | archer import -';
const byteOrderMark = '\xef\xbb\xbf';

/** JSON text of an object. Protobuf has the number of a field where this has a quote or brace. */
const objectStart = /^\s*\{\s*(["}]|$)/;

/** Text without control characters that has a bracket of JSON, such as the end of a torn line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell binary data from text.
const torn = /^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*[}\]][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$/;

/**
 * Returns undefined for an empty file. Throws UnreadableContent for a file of another format.
 * Zero bytes may come first, as a truncation of an open file leaves them; up to three of them may
 * also belong to the length of a message in protobuf.
 */
export function detectFormat(head: Buffer): ImportFormat | undefined {
  if (head.length === 0) return undefined;
  if (head.indexOf(gzipMagic) === 0) throw new UnreadableContent(gzipReason);
  const zeroCount = countZeros(head);
  let text = head.toString('latin1', zeroCount);
  if (text.startsWith(byteOrderMark)) text = text.slice(byteOrderMark.length);
  const isCounted = head.length < lengthBytes || head.readUInt32BE(0) <= messageBytesMax;
  // A line feed within `{"` is no JSON, but the first byte of a message behind its length.
  const isMessage = zeroCount > 0 && zeroCount < 3 && head[lengthBytes] === requestTag;
  if (isMessage) return 'otlp-proto';
  const isText = objectStart.test(text) || (torn.test(text) && (!isCounted || zeroCount >= 4));
  if (isText || (zeroCount === 0 && /^\s*(\{|$)/.test(text))) return 'otlp-jsonl';
  if (zeroCount === lookBytes) return 'otlp-jsonl';
  if (isCounted) return 'otlp-proto';
  throw new UnreadableContent('it is neither OTLP/JSON in lines nor messages behind their lengths');
}

function countZeros(head: Buffer): number {
  const index = head.findIndex((byte) => byte !== 0);
  return index < 0 ? head.length : index;
}
