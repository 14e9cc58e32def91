/**
 * The heap of the columns, for few and large blocks. It returns 0 where AssemblyScript's own heap
 * would trap.
 */

/*
 *     ┌──────────── block ────────────┬──────────── block ────────────┬──
 *     │ header, 64 bytes │ content    │ header, 64 bytes │ content    │ …
 *     └──────────────────┴────────────┴──────────────────┴────────────┴──
 *
 * 1. Blocks are linked in the order of their addresses. There are some hundred blocks and they
 *    change rarely (buffers grow by doubling), so a search visits all of them.
 * 2. Every size is a multiple of 64, so every content starts at a multiple of 64.
 * 3. Two free blocks are never adjacent: `free` joins a block with its free neighbours.
 * 4. This heap only uses pages that it has added to the memory itself. The module's objects, some
 *    kilobytes, lie in AssemblyScript's heap, which uses the pages that the memory starts with.
 * 5. The last page of the 4 GiB is never used, so the end of a block is a u32 as well.
 */

@unmanaged
class Block {
  contentBytes: u32;
  isFree: bool;
  next: Block | null;
}

const headerBytes: u32 = 64;
const alignmentMask: u32 = 63;
const pageBits: u32 = 16;

/** Pages are added 1 MiB at a time, so that small blocks share them. */
const pagesAddedMin: u32 = 16;
const pagesMax: u32 = 65535;

/** Larger sizes are refused before rounding, so that no sum here overflows. */
const contentBytesMax: u32 = 0xf0000000;

/** Text is loaded 16 bytes at a time, even if fewer bytes are left. */
const chunkSlackBytes: u32 = 16;

/**
 * An address or a count of bytes as the host gets it. JavaScript would see a u32 as a signed
 * number; an f64 arrives as it is.
 */
export type HostNumber = f64;

let firstBlock: Block | null = null;

/** Returns the address of `bytes` bytes, a multiple of 64; 0 if the memory has no room. */
export function allocate(bytes: u32): usize {
  if (bytes > contentBytesMax) return 0;
  const wanted = (max<u32>(bytes, 1) + alignmentMask) & ~alignmentMask;
  let block = smallestFit(wanted);
  if (block === null) {
    if (!addPages(wanted)) return 0;
    block = smallestFit(wanted)!;
  }
  block.isFree = false;
  splitBehind(block, wanted);
  return changetype<usize>(block) + headerBytes;
}

/** `allocate` for the host. */
export function allocateForHost(bytes: u32): HostNumber {
  return <HostNumber>allocate(bytes);
}

/** The same for memory that is never given back, with slack behind it to load whole chunks. */
export function reserve(bytes: u32): HostNumber {
  return bytes > contentBytesMax ? 0 : <HostNumber>allocate(bytes + chunkSlackBytes);
}

/** Frees a block that `allocate` has returned. Address 0 is ignored. */
export function free(address: usize): void {
  if (address === 0) return;
  changetype<Block>(address - headerBytes).isFree = true;
  joinFreeNeighbours();
}

function smallestFit(wanted: u32): Block | null {
  let best: Block | null = null;
  let block = firstBlock;
  while (block !== null) {
    const fits = block.isFree && block.contentBytes >= wanted;
    if (fits && (best === null || block.contentBytes < best.contentBytes)) best = block;
    block = block.next;
  }
  return best;
}

/** Splits a block behind its first `wanted` bytes if the rest is worth a header. */
function splitBehind(block: Block, wanted: u32): void {
  const left = block.contentBytes - wanted;
  if (left <= headerBytes) return;
  const rest = changetype<Block>(changetype<usize>(block) + headerBytes + wanted);
  rest.contentBytes = left - headerBytes;
  rest.isFree = true;
  rest.next = block.next;
  block.contentBytes = wanted;
  block.next = rest;
}

function joinFreeNeighbours(): void {
  let block = firstBlock;
  while (block !== null) {
    const next = block.next;
    if (next !== null && block.isFree && next.isFree && touches(block, next)) {
      block.contentBytes += headerBytes + next.contentBytes;
      block.next = next.next;
    } else {
      block = next;
    }
  }
}

function touches(block: Block, next: Block): bool {
  return changetype<usize>(block) + headerBytes + block.contentBytes === changetype<usize>(next);
}

/** Adds a free block of at least `wanted` bytes at the end of the memory. */
function addPages(wanted: u32): bool {
  const needed = (wanted + headerBytes + (1 << pageBits) - 1) >>> pageBits;
  let pages = max(needed, pagesAddedMin);
  let before = growMemory(pages);
  if (before < 0) {
    pages = needed;
    before = growMemory(pages);
    if (before < 0) return false;
  }
  const block = changetype<Block>((<usize>before) << pageBits);
  block.contentBytes = (pages << pageBits) - headerBytes;
  block.isFree = true;
  block.next = null;
  appendBlock(block);
  joinFreeNeighbours();
  return true;
}

function growMemory(pages: u32): i32 {
  return <u32>memory.size() + pages <= pagesMax ? memory.grow(<i32>pages) : -1;
}

/** Appends a block to the list. Memory only grows upwards, so a new block is always the last. */
function appendBlock(block: Block): void {
  let last = firstBlock;
  if (last === null) {
    firstBlock = block;
    return;
  }
  while (last.next !== null) last = last.next!;
  last.next = block;
}
