/**
 * Writes zstd frames without a compressor for run columns; the time depends on the number of runs
 * alone.
 */

import { runBytes, valueBytesOf } from '../column/run.ts';
import { hash64 } from '../memory/hash64.ts';
import {
  blockBytesMax,
  blockHeaderBytes,
  frameHeaderBytes,
  markLast,
  matchBlockBytesMax,
  storeSlackBytes,
  windowBytesMax,
  writeFrameHeader,
  writeMatch,
  writeRawHeader,
} from './zstd-blocks.ts';
import { zstdBound } from './zstd-frames.ts';

/*
 * The frame is made of raw blocks (values) and matches (zstd-blocks.ts). For A A A B B A A A B B:
 *
 *     raw A │ match A A, one A back │ raw B │ match B, one B back │ match A A A B B, five back
 *
 * A match that goes on from the one before at the same distance is joined to it, so that runs which
 * come again in the same order, as the resources of successive requests do, cost nothing.
 *
 * 1. A match is at least matchBytesMin long, also its last block: zstdBound relies on it.
 * 2. A match copies what lies whole before it, or repeats the value just written.
 * 3. While a match is not written yet, no raw block is open.
 */

/**
 * From this length a match saves at least what it costs, with the header of the raw block before
 * it.
 */
const matchBytesMin: u32 = matchBlockBytesMax + blockHeaderBytes;

/** Where the next byte of the frame goes. */
let output: usize = 0;
/** Bytes that the frame decompresses to so far, with the match that is not written yet. */
let contentBytes: u32 = 0;
/**
 * Address of the newest block's header; the header of an open raw block is written when it closes.
 */
let newestHeader: usize = 0;
/** Bytes in the open raw block; 0 if none is open. */
let rawBytes: u32 = 0;
/** The match that is not written yet; it has 0 bytes if there is none. */
let matchDistance: u32 = 0;
let matchBytes: u32 = 0;

/**
 * Writes the frame of a run column of `bytes` bytes: each value once for each row of its run.
 * Returns the frame's bytes; 0, with nothing written, if the runs do not make up `bytes`.
 */
export function zstdRun(target: usize, column: usize, bytes: u32): u32 {
  if (materialisedBytes(column) !== bytes) return 0;
  output = newestHeader = writeFrameHeader(target, bytes);
  contentBytes = rawBytes = matchBytes = 0;
  memory.fill(places, 0, placesBytes);
  const end: usize = load<u32>(column) + load<u32>(column, 4);
  const values: usize = load<u32>(column, 8);
  for (let run: usize = load<u32>(column); run < end; run += runBytes) {
    const valueBytes = valueBytesOf(run);
    const runContent = load<u32>(run) * valueBytes;
    if (runContent > 0) addRun(values + load<u32>(run, 4), valueBytes, runContent);
  }
  closeMatch();
  if (rawBytes > 0 || bytes === 0) closeRaw();
  markLast(newestHeader);
  return <u32>(output - target);
}

/**
 * Returns how much room zstdRun needs, which is far less than zstdBound where values are repeated
 * often. A run takes at most a raw block with its value and a rest too short for a match, and two
 * matches. For each 128 KiB (less what a last block is given) there is one more block of either
 * kind. Values beyond the window are never matched: if there is one, only zstdBound holds.
 */
export function zstdRunBound(column: usize, bytes: u32): u32 {
  const blocks = <u64>(bytes / (blockBytesMax - matchBytesMin) + 1);
  let bound: u64 = frameHeaderBytes + storeSlackBytes;
  bound += blocks * (matchBlockBytesMax + blockHeaderBytes);
  const end: usize = load<u32>(column) + load<u32>(column, 4);
  for (let run: usize = load<u32>(column); run < end; run += runBytes) {
    const valueBytes = valueBytesOf(run);
    if (valueBytes > windowBytesMax) return zstdBound(bytes);
    bound += blockHeaderBytes + valueBytes + matchBytesMin + matchBlockBytesMax * 2;
  }
  return <u32>min<u64>(bound, zstdBound(bytes));
}

/**
 * Returns the bytes of all values, each once for each of its rows; in 64 bits, because a broken
 * column must not pass as a small one.
 */
function materialisedBytes(column: usize): u64 {
  let bytes: u64 = 0;
  const end: usize = load<u32>(column) + load<u32>(column, 4);
  for (let run: usize = load<u32>(column); run < end; run += runBytes) {
    bytes += <u64>load<u32>(run) * valueBytesOf(run);
  }
  return bytes;
}

/**
 * Adds a run: copied from an earlier run of the value if that pays, else the value itself and its
 * repetition.
 */
function addRun(value: usize, valueBytes: u32, bytes: u32): void {
  const place = findPlace(value, valueBytes);
  const start = contentBytes;
  let left = bytes;
  if (load<u32>(place) !== 0) left -= addFromPlace(place, valueBytes, bytes);
  if (left === bytes) {
    addRaw(value, valueBytes);
    left -= valueBytes;
  }
  if (left > 0 && !addMatch(valueBytes, left)) {
    for (; left > 0; left -= valueBytes) addRaw(value, valueBytes);
  }
  writePlace(place, value, valueBytes, start);
}

/**
 * Copies the run from an earlier run of its value if that pays. Returns how many bytes it has
 * copied.
 */
function addFromPlace(place: usize, valueBytes: u32, bytes: u32): u32 {
  const start = load<u32>(place, placeStart);
  const end = load<u32>(place, placeEnd);
  if (end === contentBytes) return addMatch(valueBytes, bytes) ? bytes : 0;
  const covered = min(bytes, end - start);
  return addMatch(contentBytes - start, covered) ? covered : 0;
}

/**
 * Joins the match to the previous one or begins another. Returns false if it is too short or too
 * far.
 */
function addMatch(distance: u32, bytes: u32): bool {
  if (matchBytes === 0 || matchDistance !== distance) {
    if (bytes < matchBytesMin || distance > windowBytesMax) return false;
    closeMatch();
    if (rawBytes > 0) closeRaw();
    matchDistance = distance;
  }
  matchBytes += bytes;
  contentBytes += bytes;
  return true;
}

function addRaw(source: usize, bytes: u32): void {
  closeMatch();
  contentBytes += bytes;
  while (bytes > 0) {
    if (rawBytes === 0) openRaw();
    const partBytes = min(bytes, blockBytesMax - rawBytes);
    memory.copy(output, source, partBytes);
    output += partBytes;
    source += partBytes;
    bytes -= partBytes;
    rawBytes += partBytes;
    if (rawBytes === blockBytesMax) closeRaw();
  }
}

function openRaw(): void {
  newestHeader = output;
  output += blockHeaderBytes;
}

/** Closes the raw block. For an empty frame, which has no open block, it writes an empty one. */
function closeRaw(): void {
  const content = writeRawHeader(newestHeader, rawBytes);
  output = content + rawBytes;
  rawBytes = 0;
}

/**
 * Writes the match in blocks. The last two blocks share the rest if the last one would be too
 * short.
 */
function closeMatch(): void {
  while (matchBytes > 0) {
    let partBytes = min(matchBytes, blockBytesMax);
    const rest = matchBytes - partBytes;
    if (rest > 0 && rest < matchBytesMin) partBytes -= matchBytesMin;
    newestHeader = output;
    output = writeMatch(output, matchDistance, partBytes);
    matchBytes -= partBytes;
  }
}

/*
 * Where each value was last: a table of sets of four places, the set chosen by the value's hash, so
 * that a run costs the same however many values there are. A value that has lost its place to
 * another is written again.
 *
 *     place   ┌─────────────┬───────────────┬───────┬─────┐
 *             │ value bytes │ value address │ start │ end │    start and end in the content;
 *             └─────────────┴───────────────┴───────┴─────┘    value bytes 0: empty
 */
const placeBytes: usize = 16;
const placeAddress: usize = 4;
const placeStart: usize = 8;
const placeEnd: usize = 12;
/** With one place per set, values that collide would be written again in every request. */
const placesInSet: usize = 4;
const setBytes: usize = placesInSet * placeBytes;
/** For the hundreds of resources that a batch may have; cleared for each frame, in 0.2 µs. */
const setCount: usize = 256;
const placesBytes: usize = setCount * setBytes;
const places = memory.data(256 * 4 * 16, 16);

/**
 * Returns the place of the value; else an empty place of its set, which is emptied if there was
 * none.
 */
function findPlace(value: usize, valueBytes: u32): usize {
  const hash = hash64(value, valueBytes);
  const set = places + (<usize>hash & (setCount - 1)) * setBytes;
  for (let place = set; place < set + setBytes; place += placeBytes) {
    const there = load<u32>(place);
    if (there === 0 || (there === valueBytes && isSame(place, value, valueBytes))) return place;
  }
  const place = set + (<usize>(hash >> 32) & (placesInSet - 1)) * placeBytes;
  store<u32>(place, 0);
  return place;
}

function isSame(place: usize, value: usize, valueBytes: u32): bool {
  return memory.compare(load<u32>(place, placeAddress), value, valueBytes) === 0;
}

function writePlace(place: usize, value: usize, valueBytes: u32, start: u32): void {
  store<u32>(place, valueBytes);
  store<u32>(place, <u32>value, placeAddress);
  store<u32>(place, start, placeStart);
  store<u32>(place, contentBytes, placeEnd);
}
