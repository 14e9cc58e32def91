/** A client that is replaced while requests are in flight. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from '../../src/client/answer.ts';
import { RetirableClient } from '../../src/forward/retirable-client.ts';

const accepted: Answer = { verdict: 'accepted', rejectedItems: 0, message: '' };

function open() {
  const world = { closeCount: 0, answers: [] as (() => void)[] };
  const client = new RetirableClient({
    send: () => new Promise((resolve) => world.answers.push(() => resolve(accepted))),
    close: () => {
      world.closeCount += 1;
    },
  });
  return { client, world };
}

describe('RetirableClient', () => {
  it('retire: closes at once without requests in flight', () => {
    const { client, world } = open();
    client.retire();
    assert.equal(world.closeCount, 1);
  });

  it('retire: requests in flight get their answers first', async () => {
    const { client, world } = open();
    const sent = [client.send('traces', Buffer.of()), client.send('logs', Buffer.of())];
    client.retire();
    world.answers[0]?.();
    assert.deepEqual(await sent[0], accepted);
    assert.equal(world.closeCount, 0);
    world.answers[1]?.();
    assert.deepEqual(await sent[1], accepted);
    assert.equal(world.closeCount, 1);
  });
});
