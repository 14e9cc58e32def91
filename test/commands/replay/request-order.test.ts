/** Tests that sources are merged by time, one item ahead, and all closed at the end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeByReceivedTime } from '../../../src/commands/replay/request-order.ts';

interface Item {
  readonly name: string;
  readonly receivedTime: bigint;
}

function openSource(name: string, times: readonly number[]) {
  const state = { given: 0, isClosed: false };
  async function* items(): AsyncGenerator<Item> {
    try {
      for (const time of times) {
        state.given += 1;
        yield { name: `${name}${time}`, receivedTime: BigInt(time) };
      }
    } finally {
      state.isClosed = true;
    }
  }
  return { state, items: items() };
}

async function merged(...sources: ReturnType<typeof openSource>[]): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of mergeByReceivedTime(sources.map(({ items }) => items))) {
    names.push(name);
  }
  return names;
}

describe('request-order', () => {
  it('by time; of equals the first source', async () => {
    const sources = [openSource('a', [1, 4, 6]), openSource('b', []), openSource('c', [2, 4, 9])];
    assert.deepEqual(await merged(...sources), ['a1', 'c2', 'a4', 'c4', 'a6', 'c9']);
    assert.equal(
      sources.every(({ state }) => state.isClosed),
      true,
    );
  });

  it('the order of a source stays, also where its times go back', async () => {
    const names = await merged(openSource('a', [5, 3, 8]), openSource('b', [4, 6]));
    assert.deepEqual(names, ['b4', 'a5', 'a3', 'b6', 'a8']);
  });

  it('no source, and nothing in any: nothing', async () => {
    assert.deepEqual(await merged(), []);
    assert.deepEqual(await merged(openSource('a', []), openSource('b', [])), []);
  });

  it('left early: one item is held of each, and all are closed', async () => {
    const [a, b] = [openSource('a', [1, 2, 3]), openSource('b', [7, 8])];
    for await (const { name } of mergeByReceivedTime([a.items, b.items])) {
      if (name === 'a1') break;
    }
    assert.deepEqual(
      [a.state, b.state],
      [
        { given: 1, isClosed: true },
        { given: 1, isClosed: true },
      ],
    );
  });
});
