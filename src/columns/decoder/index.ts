/** The decoder's exports. */
export function nothing(): i32 {
  return 0;
}
