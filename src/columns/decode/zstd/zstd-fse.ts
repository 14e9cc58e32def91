/** Builds, for each block, zstd's code (FSE, RFC 8878) of how many literals come before a match. */

/*
 * Each code has a share of the states, as large as it is frequent. Going on to a code takes one bit
 * where it has half of the states, and next to none where it has nearly all. A reader goes the
 * other way, so codes are written from the last to the first. The table of a block is the shares,
 * each with as many bits as what is left to be shared still needs:
 *
 *     ┌────────────┬───────────┬───────────┬───     behind a share of 0 stands how many more there
 *     │ log - 5    │ share + 1 │ share + 1 │ …      are, in 2 bits: 3 means that others may follow
 *     └────────────┴───────────┴───────────┴───
 *      4 bits; of   10 bits or fewer
 *      the states
 */

/** Number of codes of literal lengths in the format: 0 to 35. */
const codesMax: u32 = 36;
/** The bounds of the format for the bits of a state. */
const stateBitsMin: u32 = 5;
const stateBitsMax: u32 = 9;
/**
 * One state for 8 symbols. Building more states takes longer than their better shares are worth.
 */
const symbolsPerStateBits: u32 = 3;

/** State bits of the code that was built last. */
export let stateBits: u32 = stateBitsMax;
let states: u32 = 512;

/** How often each code occurs, as u32; later its share of the states. */
const shares: usize = memory.data(36 * 4, 16);
/** The symbol of each place, u8. */
const symbols: usize = memory.data(512, 16);
/**
 * The states of each symbol, one after the other, as u16; and where each symbol's next state goes,
 * as u32.
 */
const nextStates: usize = memory.data(512 * 2, 16);
const places: usize = memory.data(36 * 4, 16);
/**
 * Two u32 for each code: a number that, added to a state, gives its bits in the high half; and its
 * place.
 */
const steps: usize = memory.data(36 * 8, 16);
const stepPlace: usize = 4;

/** The counts so far: all symbols, the different codes, and one of these codes. */
export let symbolCount: u32 = 0;
export let codeCount: u32 = 0;
export let anyCode: u32 = 0;

export function clearCode(): void {
  symbolCount = codeCount = 0;
  memory.fill(shares, 0, codesMax * 4);
}

export function countSymbols(code: u32, count: u32): void {
  if (count === 0) return;
  if (share(code) === 0) codeCount++;
  anyCode = code;
  symbolCount += count;
  setShare(code, share(code) + count);
}

/** Builds the table of the counted codes, which must be at least two different ones. */
export function buildCode(): void {
  chooseStates();
  giveShares();
  spreadSymbols();
  buildSteps();
}

/** Returns the state of the last code; writing begins with it. */
export function firstState(code: u32): u32 {
  const step = load<u32>(steps + ((<usize>code) << 3));
  const bits = (step + (1 << 15)) >>> 16;
  return stateAt(((bits << 16) - step) >>> bits, code);
}

/** Returns how many bits the step to `code` takes; they are the lowest bits of the state. */
export function bitsTo(state: u32, code: u32): u32 {
  return (state + load<u32>(steps + ((<usize>code) << 3))) >>> 16;
}

/** Returns the next state. `leftOfState` is the previous state without those bits. */
export function stateAt(leftOfState: u32, code: u32): u32 {
  const place = leftOfState + load<u32>(steps + ((<usize>code) << 3), stepPlace);
  return load<u16>(nextStates + ((<usize>place) << 1));
}

/** Number of symbols that a jump writes. */
export const jumpSymbols: u32 = 4;
/**
 * The jump from each state: the state that it leads to; from bit 16, its bits; from bit 24, their
 * count.
 */
const jumps: usize = memory.data(512 * 4, 16);

/**
 * Prepares to write one code four times at once, which takes as long as writing it once. Returns
 * false for a code that does not have most of the states: it would have too many bits.
 */
export function buildJumps(code: u32): bool {
  if (share(code) <= states >> 1) return false;
  for (let first = states; first < states * 2; first++) {
    let state: u32 = first;
    let bits: u32 = 0;
    let bitCount: u32 = 0;
    for (let i: u32 = 0; i < jumpSymbols; i++) {
      const count = bitsTo(state, code);
      bits |= (state & ((1 << count) - 1)) << bitCount;
      bitCount += count;
      state = stateAt(state >>> count, code);
    }
    store<u32>(jumps + ((<usize>(first - states)) << 2), state | (bits << 16) | (bitCount << 24));
  }
  return true;
}

export function jumpFrom(state: u32): u32 {
  return load<u32>(jumps + ((<usize>(state - states)) << 2));
}

/** Writes the shares. Returns the end; up to 8 bytes behind it are overwritten too. */
export function writeShares(target: usize): usize {
  let bits: u64 = stateBits - stateBitsMin;
  let bitCount: u32 = 4;
  let left: u32 = states + 1;
  let widest: u32 = stateBits + 1;
  for (let code: u32 = 0; left > 1; code++) {
    const given = share(code);
    const threshold: u32 = 1 << (widest - 1);
    const short: u32 = 2 * threshold - 1 - left;
    let value = given + 1;
    if (value >= threshold) value += short;
    bits |= (<u64>value) << bitCount;
    bitCount += value < short ? widest - 1 : widest;
    left -= given;
    while (left < (<u32>1) << (widest - 1)) widest--;
    if (given === 0) {
      let more: u32 = 0;
      while (share(code + 1 + more) === 0) more++;
      code += more;
      for (; more >= 3; more -= 3) {
        bits |= (<u64>3) << bitCount;
        bitCount += 2;
      }
      bits |= (<u64>more) << bitCount;
      bitCount += 2;
    }
    store<u64>(target, bits);
    const whole = bitCount >>> 3;
    target += whole;
    bits >>= (<u64>whole) << 3;
    bitCount &= 7;
  }
  return bitCount > 0 ? target + 1 : target;
}

/**
 * Codes too rare for a state are given one, at the cost of the most frequent code. Of c codes let r
 * be that rare: with r x (c - r) + c states the others have r + 1 each on average, so it is enough.
 */
function chooseStates(): void {
  const enough = max(
    symbolCount >> symbolsPerStateBits,
    codeCount + ((codeCount * codeCount) >> 2),
  );
  stateBits = stateBitsMin;
  while (stateBits < stateBitsMax && (<u32>1) << stateBits < enough) stateBits++;
  states = 1 << stateBits;
}

/**
 * Gives each code states in proportion, but at least one. The most frequent code gets the
 * difference.
 */
function giveShares(): void {
  let left: i32 = states;
  let largest: u32 = 0;
  for (let code: u32 = 0; code < codesMax; code++) {
    const counted = share(code);
    if (counted === 0) continue;
    const given = max(<u32>((<u64>counted * states) / symbolCount), 1);
    setShare(code, given);
    left -= given;
    if (given > share(largest)) largest = code;
  }
  setShare(largest, share(largest) + left);
}

/**
 * Spreads each symbol's states as the format requires. The step is odd, so every place is visited.
 */
function spreadSymbols(): void {
  const step: u32 = (states >> 1) + (states >> 3) + 3;
  let place: u32 = 0;
  for (let code: u32 = 0; code < codesMax; code++) {
    for (let left = share(code); left > 0; left--) {
      store<u8>(symbols + place, code);
      place = (place + step) & (states - 1);
    }
  }
}

function buildSteps(): void {
  let first: u32 = 0;
  for (let code: u32 = 0; code < codesMax; code++) {
    const given = share(code);
    if (given === 0) continue;
    const bits = given === 1 ? stateBits : stateBits - (31 - clz(given - 1));
    const step = steps + ((<usize>code) << 3);
    store<u32>(step, (bits << 16) - (given << bits));
    store<u32>(step, first - given, stepPlace);
    store<u32>(places + ((<usize>code) << 2), first);
    first += given;
  }
  for (let place: u32 = 0; place < states; place++) {
    const next = places + ((<usize>load<u8>(symbols + place)) << 2);
    store<u16>(nextStates + ((<usize>load<u32>(next)) << 1), <u16>(states + place));
    store<u32>(next, load<u32>(next) + 1);
  }
}

function share(code: u32): u32 {
  return load<u32>(shares + ((<usize>code) << 2));
}

function setShare(code: u32, value: u32): void {
  store<u32>(shares + ((<usize>code) << 2), value);
}
