/** A 64-bit hash of bytes, simple enough to implement again in any language. */

/*
 * The hash starts as the number of bytes. Then, for each little-endian word of 8 bytes (the last
 * one is padded with zeros), hash = mix(hash XOR word). Here mix is the 64-bit finaliser of
 * MurmurHash3.
 * The trace-id filter is part of the format: this function must never change.
 */

/** 0xff51afd7ed558ccd and 0xc4ceb9fe1a85ec53, in halves. */
const multiplier1: u64 = (0xff51afd7 << 32) | 0xed558ccd;
const multiplier2: u64 = (0xc4ceb9fe << 32) | 0x1a85ec53;

export function hash64(address: usize, bytes: u32): u64 {
  let hash: u64 = bytes;
  let done: u32 = 0;
  for (; done + 8 <= bytes; done += 8) hash = mix(hash ^ load<u64>(address + done));
  if (done < bytes) hash = mix(hash ^ loadRest(address + done, bytes - done));
  return hash;
}

/** Loads the last, incomplete word without reading past its bytes. */
function loadRest(address: usize, bytes: u32): u64 {
  let word: u64 = 0;
  for (let i: u32 = 0; i < bytes; i++) word |= (<u64>load<u8>(address + i)) << (i * 8);
  return word;
}

function mix(value: u64): u64 {
  value = (value ^ (value >> 33)) * multiplier1;
  value = (value ^ (value >> 33)) * multiplier2;
  return value ^ (value >> 33);
}
