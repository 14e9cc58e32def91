/** Attributes seen before, with their JSON text: most attributes of a process are the same few. */
import { copyChunks } from '../memory/byte-buffer.ts';
import { allocate } from '../memory/heap.ts';

/*
 * On the spans of bench/decode.ts, of whose 11 attributes 8 are found here, it makes the decoder
 * 1.4 times as fast. An attribute goes to the one slot that the hash of its bytes chooses.
 *
 *     0           4            8           12    16                128                 256
 *     ┌───────────┬────────────┬───────────┬─────┬─────────────────┬───────────────────┐
 *     │ raw bytes │ text bytes │ candidate │  -  │ raw: a KeyValue │ text: "key":value │
 *     └───────────┴────────────┴───────────┴─────┴─────────────────┴───────────────────┘
 *
 * 1. A slot is used only if all raw bytes are equal, so a text is never wrong, only ever missing.
 * 2. Only regular attributes are kept: nothing but the text need be repeated.
 * 3. What misses becomes the slot's candidate, and is kept when it misses there again before
 *    another does. So values that never come twice (ids, times) do not drive out the others.
 */

/** Twice what three dozen attributes with a dozen values each need; in all 256 KiB. */
const slotCountBits: u32 = 10;
const slotBits: u32 = 8;

/** Shorter attributes are read as fast as they are found; the hash needs two words. */
const rawBytesMin: u32 = 16;
const rawBytesMax: u32 = 112;
const textBytesMax: u32 = 128;

/** 2^64 divided by the golden ratio, as in Fibonacci hashing. */
const multiplier: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;

const textBytesField: usize = 4;
const candidateField: usize = 8;
const rawField: usize = 16;
const textField: usize = 128;

let slots: usize = 0;

/** What `findAttribute` has looked for, so that `keepAttribute` need not hash again. */
let missedSlot: usize = 0;
let missedHash: u32 = 0;

/** Takes the cache's memory; without it nothing is ever found. */
export function openAttributeCache(): void {
  const bytes: u32 = 1 << (slotCountBits + slotBits);
  slots = allocate(bytes);
  if (slots !== 0) memory.fill(slots, 0, bytes);
}

/** The slot of a KeyValue; 0 if it is not known. */
export function findAttribute(address: usize, bytes: u32): usize {
  missedSlot = 0;
  if (bytes < rawBytesMin || bytes > rawBytesMax || slots === 0) return 0;
  const hash = hashOf(address, bytes);
  const slot = slots + ((<usize>(hash >>> (32 - slotCountBits))) << slotBits);
  if (load<u32>(slot) === bytes && equal(slot + rawField, address, bytes)) return slot;
  missedSlot = slot;
  missedHash = hash;
  return 0;
}

export function textAddress(slot: usize): usize {
  return slot + textField;
}

export function textBytes(slot: usize): u32 {
  return load<u32>(slot, textBytesField);
}

/** Keeps the KeyValue that was looked for last, was not known, and has this text. */
export function keepAttribute(address: usize, bytes: u32, text: usize, length: u32): void {
  const slot = missedSlot;
  if (slot === 0 || length > textBytesMax) return;
  if (load<u32>(slot, candidateField) !== missedHash) {
    store<u32>(slot, missedHash, candidateField);
    return;
  }
  store<u32>(slot, bytes);
  store<u32>(slot, length, textBytesField);
  copyChunks(slot + rawField, address, bytes);
  copyChunks(slot + textField, text, length);
}

/** Of the length, the first 8 bytes and the last 16: the start of the key, and the value. */
function hashOf(address: usize, bytes: u32): u32 {
  const end = address + bytes;
  let hash = (load<u64>(address) ^ bytes) * multiplier;
  hash = (hash ^ (hash >> 32) ^ load<u64>(end - 16)) * multiplier;
  hash = (hash ^ (hash >> 32) ^ load<u64>(end - 8)) * multiplier;
  return <u32>(hash >> 32);
}

function equal(known: usize, address: usize, bytes: u32): bool {
  for (let left = <i32>bytes; left > 0; left -= 16) {
    const differ = i8x16.bitmask(i8x16.ne(v128.load(known), v128.load(address)));
    if (differ !== 0 && ctz(differ) < left) return false;
    known += 16;
    address += 16;
  }
  return true;
}
