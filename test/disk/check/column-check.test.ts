/** Every violation of Arrow's rules in a column is found and reported with the column's name. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../thing-check.ts';
import { bits, offsets, type ThingParts } from '../thing-segment.ts';

/** Tests run with and without compression. */
async function assertFault(
  change: (parts: ThingParts) => void,
  expected: readonly string[],
): Promise<void> {
  for (const compression of ['zstd', 'none'] as const) {
    assert.deepEqual(await faultsOf(change, { compression }), expected, compression);
  }
}

/** Indexes of the pairs in nodes. */
const node = {
  startTime: 0,
  isOdd: 6,
  events: 8,
  item: 10,
  itemTime: 12,
  receivedTime: 18,
} as const;

describe('column check', () => {
  it('sound columns of every shape: no fault', async () => {
    await assertFault(() => {}, []);
  });

  it('more values in a node than the batch has rows', async () => {
    await assertFault(
      (parts) => {
        parts.nodes[node.receivedTime] = 8;
      },
      ['column received_time: it has 8 values where 7 belong'],
    );
  });

  it('more NULLs than values, and NULLs where none may be', async () => {
    await assertFault(
      (parts) => {
        parts.nodes[node.startTime + 1] = 8;
      },
      ['column start_time: 8 of its 7 values are NULL'],
    );
    await assertFault(
      (parts) => {
        parts.nodes[node.receivedTime + 1] = 1;
        parts.buffers.set('received_time.validity', bits([false, ...new Array(6).fill(true)]));
      },
      ['column received_time: 1 values are NULL, and none may be'],
    );
  });

  it('another number of NULLs than the bitmap says, or no bitmap', async () => {
    await assertFault(
      (parts) => {
        parts.nodes[node.isOdd + 1] = 3;
      },
      ['column is_odd: 2 values are NULL and its field node says 3'],
    );
    await assertFault(
      (parts) => {
        parts.buffers.set('is_odd.validity', new Uint8Array(0));
      },
      ['column is_odd: 0 bytes lie where 1 belong'],
    );
    await assertFault(
      (parts) => {
        parts.nodes[node.isOdd + 1] = 0;
      },
      ['column is_odd: 2 values are NULL and its field node says 0'],
    );
  });

  it('a bitmap of ones where nothing is NULL: is sound', async () => {
    await assertFault((parts) => {
      parts.buffers.set('received_time.validity', Uint8Array.of(0xff));
    }, []);
  });

  it('values of another width than the type has', async () => {
    await assertFault(
      (parts) => {
        parts.buffers.set('is_odd', new Uint8Array(2));
      },
      ['column is_odd: 2 bytes lie where 1 belong'],
    );
  });

  it('offsets that do not start at 0, or fall', async () => {
    await assertFault(
      (parts) => {
        parts.buffers.get('extra.offsets')![0] = 1;
      },
      ['column extra: the offsets do not start at 0'],
    );
    await assertFault(
      (parts) => {
        parts.buffers.get('extra.offsets')!.set([9], 4);
      },
      ['column extra: the offsets fall at row 1'],
    );
    await assertFault(
      (parts) => {
        new DataView(parts.buffers.get('extra.offsets')!.buffer).setInt32(4, -1, true);
      },
      ['column extra: the offsets fall at row 0'],
    );
  });

  it('offsets that end before or behind the data', async () => {
    for (const length of [1, 3]) {
      await assertFault(
        (parts) => {
          const lengths = [2, 2, 0, 2, 2, 0, length];
          parts.buffers.set('extra.offsets', offsets(lengths));
        },
        [`column extra: 10 bytes lie where ${8 + length} belong`],
      );
    }
  });

  it('offsets of a list that do not fit its items: the items are said to be wrong', async () => {
    await assertFault(
      (parts) => {
        parts.buffers.set('events.offsets', offsets([1, 2, 0, 1, 2, 0, 2]));
      },
      ['column events.item: it has 7 values where 8 belong'],
    );
  });

  it('a struct and a member of another length', async () => {
    await assertFault(
      (parts) => {
        parts.nodes[node.item] = 6;
      },
      ['column events.item: it has 6 values where 7 belong'],
    );
    await assertFault(
      (parts) => {
        parts.nodes[node.itemTime] = 6;
      },
      ['column events.item.time: it has 6 values where 7 belong'],
    );
  });

  it('text that is not UTF-8: the row is named', async () => {
    await assertFault(
      (parts) => {
        parts.buffers.get('service_name')![10] = 0xff;
      },
      ['column service_name: row 1 is not UTF-8'],
    );
  });

  it('text cut within a character: its row is named, though all together is UTF-8', async () => {
    await assertFault(
      (parts) => {
        // Rows have 7 bytes. In the second row the two bytes of ö are at 9 and 10.
        parts.buffers.set('service_name.offsets', offsets([10, 4, 0, 7, 7, 0, 7]));
      },
      ['column service_name: row 0 is not UTF-8'],
    );
  });

  it('bytes that are no text: need not be UTF-8', async () => {
    await assertFault((parts) => {
      parts.buffers.get('extra')!.fill(0xff);
    }, []);
  });

  it('two buffers that lie in each other’s place: both columns are named', async () => {
    const swapped = await faultsOf((parts) => {
      const [a, b] = [parts.buffers.get('service_name')!, parts.buffers.get('events.item.name')!];
      parts.buffers.set('service_name', b);
      parts.buffers.set('events.item.name', a);
    });
    assert.equal(swapped.length, 2);
    assert.match(swapped[0] ?? '', /^column service_name: /);
    assert.match(swapped[1] ?? '', /^column events\.item\.name: /);
  });

  it('a list without any item: its offsets may be left out', async () => {
    const noEvents = (parts: ThingParts) => {
      parts.buffers.set('events.offsets', offsets(new Array(7).fill(0)));
      for (const name of ['time.validity', 'time', 'name']) {
        parts.buffers.set(`events.item.${name}`, new Uint8Array(0));
      }
      parts.nodes.splice(node.item, 6, 0, 0, 0, 0, 0, 0);
    };
    for (const bytes of [0, 4]) {
      await assertFault((parts) => {
        noEvents(parts);
        parts.buffers.set('events.item.name.offsets', new Uint8Array(bytes));
      }, []);
    }
  });
});
