/**
 * Cuts JSON text into the objects that requests are: one in each line, or pretty-printed over
 * several lines. A damaged line costs only its own object.
 */
import { byteCountText } from '../../config/units.ts';
import type { ByteReader } from './byte-reader.ts';
import type { FileMessage, SkippedPart } from './file-message.ts';
import { messageBytesMax } from './import-format.ts';
import { JsonBalance } from './json-balance.ts';

/** Line feed, carriage return, tab and space. */
const blankBytes: ReadonlySet<number> = new Set([0x0a, 0x0d, 0x09, 0x20]);
const openBrace = 0x7b;

/** After these bytes an object may follow: an open bracket, a comma and a colon. */
const beforeObject: ReadonlySet<number> = new Set([0x5b, 0x2c, 0x3a]);

/** A line that starts so starts a request, even if the object before it has no end. */
const requestStart = /^\{\s*"resource(Spans|Metrics|Logs)"\s*:/;
const requestStartBytesMax = 64;

/** An object whose end has not been read yet. */
interface OpenObject {
  readonly offset: number;
  readonly line: number;
  readonly lines: Buffer[];
  readonly balance: JsonBalance;
  byteCount: number;
}

export async function* readJsonLines(
  reader: ByteReader,
): AsyncGenerator<FileMessage | SkippedPart, undefined, undefined> {
  let open: OpenObject | undefined;
  for (let line = 1; ; line++) {
    const zeros = { offset: reader.offset, zeroCount: await reader.skipZeros() };
    if (zeros.zeroCount > 0) {
      const reason = `${zeros.zeroCount} zero bytes, as a truncation of an open file leaves them`;
      yield { kind: 'skipped', offset: zeros.offset, line, reason };
    }
    const { offset } = reader;
    const read = await reader.takeLine(messageBytesMax);
    if (read === undefined) break;
    if (read.kind === 'too_long') {
      yield { kind: 'skipped', offset, line, reason: tooLong(read.byteCount) };
      continue;
    }
    const { bytes, isTerminated } = read;
    if (open !== undefined && startsObject(open, bytes)) {
      yield toMessage(open, false);
      open = undefined;
    }
    if (isBlank(bytes)) continue;
    if (open === undefined) open = openObject(offset, line);
    addLine(open, bytes);
    if (open.balance.mayGoOn && open.byteCount <= messageBytesMax) continue;
    if (open.byteCount <= messageBytesMax) yield toMessage(open, !isTerminated);
    else yield { ...placeOf(open), kind: 'skipped', reason: tooLong(open.byteCount) };
    open = undefined;
  }
  if (open !== undefined) yield toMessage(open, true);
  return undefined;
}

function openObject(offset: number, line: number): OpenObject {
  return { offset, line, lines: [], balance: new JsonBalance(), byteCount: 0 };
}

function addLine(open: OpenObject, bytes: Buffer): void {
  open.lines.push(bytes);
  open.byteCount += bytes.length + 1;
  open.balance.add(bytes);
}

/** True if the line can only be the start of another object. */
function startsObject({ balance }: OpenObject, bytes: Buffer): boolean {
  if (bytes[0] !== openBrace) return false;
  return (
    !beforeObject.has(balance.lastByte) ||
    requestStart.test(bytes.toString('latin1', 0, requestStartBytesMax))
  );
}

function toMessage(open: OpenObject, isOpenEnded: boolean): FileMessage {
  const { lines } = open;
  const separated = lines.flatMap((line, index) => (index === 0 ? [line] : [lineFeed, line]));
  const bytes = lines.length === 1 ? lines[0]! : Buffer.concat(separated);
  return { ...placeOf(open), kind: 'message', bytes, isOpenEnded };
}

const lineFeed = Buffer.from('\n');

function placeOf({ offset, line }: OpenObject) {
  return { offset, line };
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => blankBytes.has(byte));
}

function tooLong(byteCount: number): string {
  return `its ${byteCountText(byteCount)} are too long for a request`;
}
