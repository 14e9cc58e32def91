/** The table of a batch's nodes and buffers, in Arrow's order, as the encoder reads it. */
import { allocate, free, HostNumber } from '../memory/heap.ts';

/*
 * An entry has 16 bytes:
 *
 *     0        4          8        12       16
 *     ┌────────┬──────────┬────────┬────────┐
 *     │ kind   │ address  │ bytes  │ aux    │
 *     └────────┴──────────┴────────┴────────┘
 *
 *     node     0          length   null count     a field node; its buffers follow it
 *     plain    of bytes   bytes    content        bytes 0: a buffer that is left out, or empty
 *     zeros    0          bytes    content        nothing but zeros
 *     hex      of ids     of text  0              lower-case hex of bytes / 2 binary bytes
 *     run      of struct  bytes    content        values, each repeated (run-column.ts)
 *     offsets  of bytes   bytes    0              int32, each a text's length or so above the last
 *     times    of bytes   bytes    0              of 8 bytes, mostly near the one before
 *
 * The constants of `content` below tell a compressor what kind of values to expect.
 */

export const nodeKind: u32 = 0;
export const plainKind: u32 = 1;
export const zerosKind: u32 = 2;
export const hexKind: u32 = 3;
export const runKind: u32 = 4;
export const offsetsKind: u32 = 5;
export const timesKind: u32 = 6;

/** Values of `content`: text or bits; int32 values, or offsets that are all zero; 64-bit values. */
export const bytesContent: u32 = 0;
export const int32Content: u32 = 4;
export const int64Content: u32 = 8;

const entryBytes: usize = 16;
/** The widest signal, metrics, has fewer than 70 fields, each with a node and up to 3 buffers. */
const entriesMax: i32 = 320;

const table: usize = memory.data(entriesMax * 16, 16);
export let cutEntries: u32 = 0;

/** Memory for buffers that are created at the cut; it is valid until the next cut. */
let scratch: usize = 0;
let scratchEnd: usize = 0;

/** Returns the address of the first entry. */
export function cutTable(): HostNumber {
  return <HostNumber>table;
}

/** Begins a new table. Returns false if there is no memory for `scratchBytes`. */
export function startCut(scratchBytes: u64): bool {
  endCut();
  cutEntries = 0;
  scratch = scratchBytes <= u32.MAX_VALUE ? allocate(<u32>scratchBytes) : 0;
  scratchEnd = scratch;
  return scratch !== 0;
}

/** Frees the scratch memory of the last table. */
export function endCut(): void {
  free(scratch);
  scratch = 0;
}

/** Returns a part of the memory that the columns have requested by `cutBytes`. */
export function takeScratch(bytes: u32): usize {
  const address = scratchEnd;
  scratchEnd += scratchBytesFor(bytes);
  return address;
}

/**
 * Returns how many bytes `takeScratch` uses: a multiple of 16, and 16 more so that whole chunks can
 * be written.
 */
export function scratchBytesFor(bytes: u32): u32 {
  return ((bytes + 15) & ~15) + 16;
}

export function addNode(rows: u32, nulls: u32): void {
  add(nodeKind, 0, rows, nulls);
}

export function addPlain(address: usize, bytes: u32, content: u32): void {
  add(plainKind, address, bytes, content);
}

export function addNothing(): void {
  add(plainKind, 0, 0, bytesContent);
}

export function addZeros(bytes: u32, content: u32): void {
  add(zerosKind, 0, bytes, content);
}

export function addHex(ids: usize, textBytes: u32): void {
  add(hexKind, ids, textBytes, bytesContent);
}

export function addRuns(runs: usize, bytes: u32, content: u32): void {
  add(runKind, runs, bytes, content);
}

export function addOffsets(address: usize, rows: u32): void {
  add(offsetsKind, address, (rows + 1) * 4, 0);
}

export function addTimes(address: usize, rows: u32): void {
  add(timesKind, address, rows * 8, 0);
}

function add(kind: u32, address: usize, bytes: u32, aux: u32): void {
  const entry = table + <usize>cutEntries * entryBytes;
  store<u32>(entry, kind);
  store<u32>(entry, <u32>address, 4);
  store<u32>(entry, bytes, 8);
  store<u32>(entry, aux, 12);
  cutEntries++;
}
