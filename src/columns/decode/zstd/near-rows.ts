/** Rows of numbers that differ from the row before in low bytes alone. */

/** Whether a row does; there must be one before it. */
export function isNear<T>(row: usize, lowBytes: u32): bool {
  return (load<T>(row) ^ load<T>(row - sizeof<T>())) >> <T>(lowBytes << 3) === 0;
}

/** The same of a row and the three behind it, in about the time that it takes for one. */
export function areFourNear<T>(row: usize, lowBytes: u32): bool {
  const before = load<T>(row - sizeof<T>());
  const first = load<T>(row);
  const second = load<T>(row + sizeof<T>());
  const third = load<T>(row + sizeof<T>() * 2);
  const fourth = load<T>(row + sizeof<T>() * 3);
  const different = (before ^ first) | (first ^ second) | (second ^ third) | (third ^ fourth);
  return different >> <T>(lowBytes << 3) === 0;
}

/** The first such row of those that end before `end`; 0 if there is none. */
export function firstNear<T>(row: usize, end: usize, lowBytes: u32): usize {
  for (; row + sizeof<T>() <= end; row += sizeof<T>()) if (isNear<T>(row, lowBytes)) return row;
  return 0;
}
