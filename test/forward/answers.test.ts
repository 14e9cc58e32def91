/** The effect of each answer on a request, with the real client and a log in memory. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { OtlpClient } from '../../src/client/client-port.ts';
import { Cursor } from '../../src/forward/cursor.ts';
import type { ForwardRules } from '../../src/forward/forward-rules.ts';
import type { ForwardStatus } from '../../src/forward/forward-status.ts';
import { Forwarder } from '../../src/forward/forwarder.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { silentJournal } from '../../src/shared/journal.ts';
import {
  type FakeDestination,
  openFakeDestination,
  type Reply,
} from '../client/fake-destination.ts';
import { openClient } from '../client/open-client.ts';
import { rpcStatus } from '../client/rpc-status.ts';
import { FakeLog } from './fake-log.ts';
import { until } from './scene.ts';

/** Longer than an answer takes on a busy machine. */
const timeoutMs = 500;

const rules: ForwardRules = {
  ...{ name: 'up', signals: ['traces'], samplingRatio: 1, concurrency: 1, rateLimit: 0 },
  retry: { initialMs: 1, multiplier: 2, maxMs: 5 },
  breaker: { failureCount: 1_000, resetMs: 50, successCount: 1 },
};

type Fate = 'delivered' | 'dropped' | 'again';

const opened: { end(): Promise<void> | void }[] = [];

afterEach(async () => {
  for (const { end } of opened.splice(0)) await end();
});

interface Scene {
  readonly destination: FakeDestination;
  readonly forwarder: Forwarder;
  readonly client: OtlpClient;
}

async function forward(
  transport: 'http' | 'grpc',
  replies: readonly Reply[],
  requestCount: number,
  changed: Partial<ForwardRules> = {},
): Promise<Scene> {
  const destination = await openFakeDestination(transport, { replies });
  const protocol = transport === 'grpc' ? 'grpc' : 'http/protobuf';
  const client = openClient(protocol, destination.port, { timeoutMs });
  const fake = new FakeLog();
  for (let position = 1; position <= requestCount; position++) fake.add(position);
  const cursor = new Cursor(0);
  cursor.addSignals(rules.signals, 0);
  const forwarder = new Forwarder({
    rules: { ...rules, ...changed },
    convert: (_signal, bytes) => bytes,
    ready: async () => {},
    send: (signal, body, stop) => client.send(signal, body, stop),
    ...{ log: fake.log, archive: fake.archive, cursor },
    cursorFile: { save: () => {}, exists: () => true },
    ...{ clock: systemClock, journal: silentJournal, fraction: Math.random },
    sleep: (ms, stop) => wait(ms, undefined, { signal: stop }).catch(() => {}),
  });
  const end = async () => {
    await forwarder.stop(0);
    client.close();
    await destination.close();
  };
  opened.push({ end });
  forwarder.start();
  return { destination, forwarder, client };
}

/** Each reply answers a request of its own. A repeated request is then accepted. */
async function fatesOf(
  transport: 'http' | 'grpc',
  cases: readonly (readonly [Reply, Fate])[],
): Promise<{ scene: Scene; status: ForwardStatus }> {
  const well: Reply = transport === 'grpc' ? { code: 0 } : { status: 200 };
  const replies = cases.flatMap(([reply, fate]) => (fate === 'again' ? [reply, well] : [reply]));
  const scene = await forward(transport, replies, cases.length);
  const count = (fate: Fate) => cases.filter((each) => each[1] === fate).length;
  const { forwarder } = scene;
  await until('all have their answers', () => forwarder.status().lagRequests === 0);
  const status = forwarder.status();
  const { delivered, dropped, retried } = status;
  assert.deepEqual(
    { delivered, dropped, retried },
    {
      delivered: count('delivered') + count('again'),
      dropped: count('dropped'),
      retried: count('again'),
    },
  );
  return { scene, status };
}

/** The positions that the destination accepted, in order. */
const positions = ({ received }: FakeDestination) => received.map(({ body }) => Number(body));

describe('answers over HTTP', () => {
  it('each status: delivered, dropped or sent again, in order', async () => {
    const again = [429, 502, 503, 504];
    const dropped = [201, 204, 301, 302, 307, 308, 400, 401, 403, 404, 405, 408, 409, 413, 415];
    const cases = [
      [{ status: 200 }, 'delivered'] as const,
      ...again.map((status) => [{ status }, 'again'] as const),
      ...[...dropped, 422, 500, 501, 505].map((status) => [{ status }, 'dropped'] as const),
    ];
    const { scene } = await fatesOf('http', cases);
    const expected = cases.flatMap(([, fate], index) =>
      fate === 'again' ? [index + 1, index + 1] : [index + 1],
    );
    assert.deepEqual(positions(scene.destination), expected);
  });

  it('no answer: sent again; an endless answer with status 200: delivered', async () => {
    const { status } = await fatesOf('http', [
      ['hang', 'again'],
      ['reset', 'again'],
      ['garbage', 'again'],
      ['drip', 'again'],
      ['cut', 'again'],
      ['flood', 'delivered'],
    ]);
    assert.equal(status.partial, 1);
  });

  it('answers that are not OTLP, or partial: delivered, counted, not sent again', async () => {
    const partial = '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"late"}}';
    const { status } = await fatesOf('http', [
      [{ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>hi' }, 'delivered'],
      [
        { status: 200, headers: { 'content-type': 'application/json' }, body: partial },
        'delivered',
      ],
      [{ status: 200, headers: { 'content-type': 'application/json' }, body: '{' }, 'delivered'],
    ]);
    assert.equal(status.partial, 2);
  });

  it('a redirect: is not followed', async () => {
    const other = await openFakeDestination('http');
    opened.push({ end: () => other.close() });
    const location = `http://127.0.0.1:${other.port}/v1/traces`;
    await fatesOf('http', [[{ status: 308, headers: { location } }, 'dropped']]);
    assert.equal(other.received.length, 0);
  });

  it('Retry-After, seconds or a date: not sent sooner', async () => {
    for (const form of ['seconds', 'date']) {
      const retryAfter = form === 'seconds' ? '1' : new Date(Date.now() + 2_000).toUTCString();
      const startMs = performance.now();
      await fatesOf('http', [[{ status: 503, headers: { 'retry-after': retryAfter } }, 'again']]);
      assert.ok(performance.now() - startMs >= 900, retryAfter);
    }
  });
});

describe('answers over gRPC', () => {
  it('each code: delivered, dropped or sent again, in order', async () => {
    const again = [1, 4, 10, 11, 14, 15];
    const retryInfo = rpcStatus('full', 0);
    const cases = Array.from({ length: 17 }, (_, code) => {
      const fate: Fate = again.includes(code) ? 'again' : 'dropped';
      return [{ code }, code === 0 ? 'delivered' : fate] as const;
    });
    await fatesOf('grpc', [...cases, [{ code: 8, statusDetails: retryInfo }, 'again']]);
  });

  it('no answer: sent again', async () => {
    await fatesOf('grpc', [
      ['hang', 'again'],
      ['reset', 'again'],
      ['drip', 'again'],
      ['cut', 'again'],
      [{ status: 502 }, 'again'],
      [{ status: 503 }, 'again'],
    ]);
  });

  it('RetryInfo: not sent sooner', async () => {
    const startMs = performance.now();
    await fatesOf('grpc', [[{ code: 14, statusDetails: rpcStatus('full', 1) }, 'again']]);
    assert.ok(performance.now() - startMs >= 1_000);
  });
});

describe('answers and the circuit breaker', () => {
  for (const [transport, reply, away] of [
    ['http', { status: 401 }, 'reset'],
    ['grpc', { code: 16 }, { code: 14 }],
  ] as const) {
    it(`${transport}, a wrong token: costs a handful of requests and not the stream`, async () => {
      const breaker = { failureCount: 5, resetMs: 300, successCount: 2 };
      const { destination, forwarder } = await forward(transport, [], 200, { breaker });
      destination.script.otherwise = reply;
      await until('the breaker opens', () => forwarder.status().breaker === 'open');
      destination.script.otherwise = undefined;
      await until('all have their answers', () => forwarder.status().lagRequests === 0);
      const { delivered, dropped, breaker: state } = forwarder.status();
      assert.ok(dropped >= 5 && dropped <= 12, `${dropped} dropped`);
      assert.deepEqual([delivered + dropped, state], [200, 'closed']);
    });

    it(`${transport}, away for a while: one probe at a time, and all arrive in the end`, async () => {
      const breaker = { failureCount: 2, resetMs: 100, successCount: 2 };
      const changed = { breaker, concurrency: 8 };
      const { destination, forwarder } = await forward(transport, [], 100, changed);
      destination.script.otherwise = away;
      await until('it fails for some time', () => forwarder.status().retried >= 12);
      destination.script.otherwise = undefined;
      await until('all have their answers', () => forwarder.status().lagRequests === 0);
      assert.equal(forwarder.status().delivered, 100);
      assert.equal(new Set(positions(destination)).size, 100);
    });
  }
});
