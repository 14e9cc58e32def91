/** The layout of a run, which is a repeated value, and of the struct that describes a column. */

/*
 *     0       4              8             12      0              4            8                12
 *     ┌───────┬──────────────┬─────────────┐       ┌──────────────┬────────────┬────────────────┐
 *     │ count │ value offset │ value bytes │       │ runs address │ runs bytes │ values address │
 *     └───────┴──────────────┴─────────────┘       └──────────────┴────────────┴────────────────┘
 *
 * A run of NULL has `nullBytes` as its value bytes, and no bytes among the values.
 */

export const runBytes: u32 = 12;
export const runsStructBytes: u32 = 12;
export const nullBytes: u32 = 0xffffffff;

export function writeRun(run: usize, count: u32, valueOffset: u32, valueBytes: u32): void {
  store<u32>(run, count);
  store<u32>(run, valueOffset, 4);
  store<u32>(run, valueBytes, 8);
}

export function countOf(run: usize): u32 {
  return load<u32>(run);
}

export function setCount(run: usize, count: u32): void {
  store<u32>(run, count);
}

export function valueOffsetOf(run: usize): u32 {
  return load<u32>(run, 4);
}

export function isNullRun(run: usize): bool {
  return load<u32>(run, 8) === nullBytes;
}

/** Returns the bytes of a run's value; 0 for NULL. */
export function valueBytesOf(run: usize): u32 {
  return isNullRun(run) ? 0 : load<u32>(run, 8);
}

export function writeRunsStruct(struct: usize, runs: usize, bytes: u32, values: usize): void {
  store<u32>(struct, <u32>runs);
  store<u32>(struct, bytes, 4);
  store<u32>(struct, <u32>values, 8);
}
