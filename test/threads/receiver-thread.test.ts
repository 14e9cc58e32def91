/** The thread of a receiver without its worker: listeners, commands, and the end. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { loadConfig, type SettingKey } from '../../src/config/config.ts';
import { createHeartbeats } from '../../src/ring/heartbeat.ts';
import { createRequestCounts, readRequestCounts } from '../../src/ring/request-counts.ts';
import { outcomeNumber } from '../../src/shared/outcome.ts';
import type { ReceiverReply } from '../../src/threads/receiver-messages.ts';
import { ReceiverThread } from '../../src/threads/receiver-thread.ts';
import { encodeSpans } from '../accept/fake-ring.ts';
import { protobufType, send } from '../accept/http-client.ts';
import { answer, openTestLane, type TestLane, takeAll } from '../ring/test-lane.ts';

const spans = encodeSpans(3);
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function open(flags: Partial<Record<SettingKey, string>> = {}) {
  const freePorts = { 'grpc.port': '0', 'http.port': '0' };
  const loaded = loadConfig({ flags: { ...freePorts, ...flags }, environment: {} });
  assert.ok(loaded.ok);
  const requestCounts = createRequestCounts();
  const replies: ReceiverReply[] = [];
  let onClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    onClosed = resolve;
  });
  const { config } = loaded;
  const thread = new ReceiverThread(
    {
      ...{ config, signals: ['traces'], ringIndex: 0, requestCounts, tls: undefined },
      ...{ heartbeats: createHeartbeats(1), threadIndex: 0 },
    },
    { reply: (reply) => replies.push(reply), onClosed },
  );
  ends.push(() => {
    thread.onCommand({ kind: 'stop', graceMs: 0 });
    return closed;
  });
  await thread.open();
  const counts = () => readRequestCounts(requestCounts).map(({ code, count }) => ({ code, count }));
  return { thread, replies, closed, counts };
}

function httpPort(replies: readonly ReceiverReply[]): number {
  const [reply] = replies;
  assert.ok(reply?.kind === 'listening' && reply.http !== null);
  return reply.http;
}

function connect(thread: ReceiverThread, { buffer, layout }: TestLane): void {
  const memory = { buffer } as WebAssembly.Memory;
  thread.onCommand({ kind: 'lane', memory, layout });
}

/** Takes what comes until a request has arrived. */
async function takeOne(lane: TestLane) {
  for (;;) {
    const frames = takeAll(lane);
    if (frames.length > 0) return frames;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('receiver-thread', () => {
  it('open: replies the ports, null for a listener that is off', async () => {
    const { replies } = await open({ 'grpc.enabled': 'false' });
    assert.equal(replies.length, 1);
    assert.ok(httpPort(replies) > 0);
    assert.ok(replies[0]?.kind === 'listening' && replies[0].grpc === null);
  });

  it('open: replies `refused` if a port is in use, and closes what it had opened', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { replies, closed } = await open({ 'http.port': String(address.port) });
    await closed;
    assert.equal(replies.length, 1);
    assert.ok(replies[0]?.kind === 'refused');
    assert.match(replies[0].problem.message, /http\.port \d+ on 127\.0\.0\.1 is in use/);
    other.close();
  });

  it('lane: a request goes to the lane, and its result is answered and counted', async () => {
    const { thread, replies, counts } = await open();
    const lane = openTestLane();
    connect(thread, lane);
    const reply = send({ port: httpPort(replies), body: spans, headers: protobufType });
    const [frame] = await takeOne(lane);
    assert.deepEqual(frame?.body, spans);
    answer(lane, [outcomeNumber('accepted')]);
    assert.equal((await reply).status, 200);
    assert.deepEqual(counts(), [{ code: 200, count: 1 }]);
  });

  it('lost: a request in flight is answered with 503', async () => {
    const { thread, replies } = await open();
    const lane = openTestLane();
    connect(thread, lane);
    const reply = send({ port: httpPort(replies), body: spans, headers: protobufType });
    await takeOne(lane);
    thread.onCommand({ kind: 'lost' });
    assert.equal((await reply).status, 503);
  });

  it('stop: the ports close, and a request in flight gets its answer first', async () => {
    const { thread, replies, closed } = await open();
    const lane = openTestLane();
    connect(thread, lane);
    const port = httpPort(replies);
    const reply = send({ port, body: spans, headers: protobufType });
    await takeOne(lane);
    thread.onCommand({ kind: 'stop', graceMs: 10_000 });
    answer(lane, [outcomeNumber('accepted')]);
    assert.equal((await reply).status, 200);
    await closed;
    await assert.rejects(send({ port, body: spans, headers: protobufType }));
  });
});
