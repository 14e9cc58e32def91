/** A thread beats, and the main thread sees that, with the call that the thread makes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHeartbeats, Heartbeat, readHeartbeat } from '../../src/ring/heartbeat.ts';

describe('Heartbeat', () => {
  it('beat: the count changes, and the text is that of the last beat', () => {
    const buffer = createHeartbeats(2);
    const heartbeat = new Heartbeat(buffer, 1);
    heartbeat.beat('write lögs');
    const first = readHeartbeat(buffer, 1);
    assert.equal(first.waitsFor, 'write lögs');
    heartbeat.beat();
    const second = readHeartbeat(buffer, 1);
    assert.deepEqual([second.count, second.waitsFor], [first.count + 1, '']);
  });

  it('beat: each thread has its own place', () => {
    const buffer = createHeartbeats(3);
    const before = [0, 2].map((thread) => readHeartbeat(buffer, thread));
    new Heartbeat(buffer, 1).beat('x'.repeat(10_000));
    assert.deepEqual(
      [0, 2].map((thread) => readHeartbeat(buffer, thread)),
      before,
    );
    assert.match(readHeartbeat(buffer, 1).waitsFor, /^x{200,}$/);
  });
});
