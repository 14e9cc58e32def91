/** Puts requests of several signals into the order in which they were received. */

export interface Received {
  /** Unix nanoseconds. */
  readonly receivedTime: bigint;
}

/**
 * Each source in its own order, and of all sources next what was received first. One item of each
 * is held.
 */
export async function* mergeByReceivedTime<Item extends Received>(
  sources: readonly AsyncIterable<Item>[],
): AsyncGenerator<Item, undefined, undefined> {
  const heads: Head<Item>[] = [];
  try {
    for (const source of sources) {
      const iterator = source[Symbol.asyncIterator]();
      heads.push({ iterator, item: (await iterator.next()).value });
    }
    for (;;) {
      const head = earliest(heads);
      if (head?.item === undefined) return;
      yield head.item;
      head.item = (await head.iterator.next()).value;
    }
  } finally {
    for (const { iterator } of heads) await iterator.return?.();
  }
}

interface Head<Item> {
  readonly iterator: AsyncIterator<Item, undefined>;
  /** Undefined at its end. */
  item: Item | undefined;
}

/**
 * Returns the head with the earliest request; among equal heads, the first. Returns a head that has
 * no more requests only if all heads have none.
 */
function earliest<Item extends Received>(heads: readonly Head<Item>[]): Head<Item> | undefined {
  let found = heads[0];
  for (const head of heads) {
    if (head.item === undefined || found === undefined) continue;
    if (found.item === undefined || head.item.receivedTime < found.item.receivedTime) found = head;
  }
  return found;
}
