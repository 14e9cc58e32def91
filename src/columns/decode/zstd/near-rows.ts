/** Finds rows of numbers that differ from the row before in their low bytes alone. */

/**
 * True if `row` differs from the row before it in its low bytes alone. There must be a row before
 * it.
 */
export function isNear<T>(row: usize, lowBytes: u32): bool {
  return (load<T>(row) ^ load<T>(row - sizeof<T>())) >> <T>(lowBytes << 3) === 0;
}

/**
 * True if the same holds for `row` and the three rows behind it. This takes about as long as
 * checking one row.
 */
export function areFourNear<T>(row: usize, lowBytes: u32): bool {
  const before = load<T>(row - sizeof<T>());
  const first = load<T>(row);
  const second = load<T>(row + sizeof<T>());
  const third = load<T>(row + sizeof<T>() * 2);
  const fourth = load<T>(row + sizeof<T>() * 3);
  const different = (before ^ first) | (first ^ second) | (second ^ third) | (third ^ fourth);
  return different >> <T>(lowBytes << 3) === 0;
}

/** Returns the first such row that ends before `end`; 0 if there is none. */
export function firstNear<T>(row: usize, end: usize, lowBytes: u32): usize {
  for (; row + sizeof<T>() <= end; row += sizeof<T>()) if (isNear<T>(row, lowBytes)) return row;
  return 0;
}
