/** A cache of attributes with their JSON text. Most attributes of a process are the same few. */
import { copyChunks } from '../memory/byte-buffer.ts';
import { allocate } from '../memory/heap.ts';

/*
 * On the spans of bench/decode.ts the cache makes the decoder 1.4 times as fast; 8 of their 11
 * attributes are found here. The hash of its bytes chooses the one slot of an attribute.
 *
 *     0           4            8           12    16                128                 256
 *     ┌───────────┬────────────┬───────────┬─────┬─────────────────┬───────────────────┐
 *     │ raw bytes │ text bytes │ candidate │  -  │ raw: a KeyValue │ text: "key":value │
 *     └───────────┴────────────┴───────────┴─────┴─────────────────┴───────────────────┘
 *
 * 1. A slot is used only if all raw bytes are equal, so a text may be missing but is never wrong.
 * 2. Only regular attributes are stored, so repeating the text is enough.
 * 3. An attribute that misses becomes the slot's candidate. It is stored if it misses again before
 *    another attribute misses in that slot. So values that never occur twice (ids, times) do not
 *    evict the others.
 */

/** Twice what three dozen attributes with a dozen values each need. The cache takes 256 KiB. */
const slotCountBits: u32 = 10;
const slotBits: u32 = 8;

/**
 * Shorter attributes are read as fast as they are found in the cache. Also, the hash needs two
 * words.
 */
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

/** The slot and hash of the last miss, so that `keepAttribute` need not hash again. */
let missedSlot: usize = 0;
let missedHash: u32 = 0;

/** Allocates the cache. If there is no memory, nothing is ever found. */
export function openAttributeCache(): void {
  const bytes: u32 = 1 << (slotCountBits + slotBits);
  slots = allocate(bytes);
  if (slots !== 0) memory.fill(slots, 0, bytes);
}

/** Returns the slot of a KeyValue; 0 if the cache does not hold it. */
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

/** Stores the KeyValue of the last miss with its text. */
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

/**
 * Hashes the length, the first 8 bytes and the last 16 bytes. These are the start of the key, and
 * the value.
 */
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
