/** What the dashboard port says of the recorder: health above all. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DestinationStatus } from '../../src/forward/forwarding.ts';
import type { LaneDone, LaneRequest, RecoveryBytes } from '../../src/lane/lane-messages.ts';
import {
  commandOrFault,
  type DashboardParts,
  dashboardView,
} from '../../src/recorder/dashboard-view.ts';
import type { SealedSegments } from '../../src/retention/sealed-segments.ts';
import { createRequestCounts } from '../../src/ring/request-counts.ts';
import { createTallies, TallyWriter } from '../../src/ring/tallies.ts';
import { summarizeHealth } from '../../src/serve/health.ts';

const well: DestinationStatus = {
  ...{ name: 'up', delivered: 1, dropped: 0, retried: 0, sampledOut: 0, partial: 0, lost: 0 },
  ...{ nextPosition: 5, sampledOutItems: 0, breaker: 'closed', fault: undefined },
  ...{ lastError: undefined, lastSuccessMs: 0, lagRequests: 0, lagBytes: 0, lagSeconds: 0 },
};

interface World {
  readonly recovery?: RecoveryBytes;
  readonly laneHang?: string;
  readonly receiverHang?: string;
  readonly laneFault?: string;
  readonly storageFault?: string;
  readonly destinations?: readonly DestinationStatus[];
  readonly done?: Partial<LaneDone>;
}

function open({ laneFault, storageFault, recovery, ...world }: World = {}) {
  const { destinations = [], done = {}, laneHang, receiverHang } = world;
  const requests: LaneRequest[] = [];
  const lane: DashboardParts['lane'] = {
    fault: () => laneFault,
    recovery: () => recovery,
    command: async (request) => {
      requests.push(request);
      return { kind: 'done', id: 0, rows: { logs: 3 }, sealed: ['a'], ...done };
    },
  };
  const archive = {
    retentionCounts: [],
    finalPaths: async (paths: readonly string[]) => paths.map((path) => `${path}.arrow`),
  } as unknown as SealedSegments;
  const tallies = createTallies(1);
  new TallyWriter(tallies, 0).add('traces', { received: 2, pending: 2 });
  const view = dashboardView({
    ...{ lane, archive, tallies, requests: createRequestCounts() },
    storageFault: () => storageFault ?? null,
    laneHang: () => laneHang,
    receiverHang: () => receiverHang,
    destinations: () => destinations,
  });
  return { view, lane, requests };
}

describe('dashboardView', () => {
  it('all is well: ok', () => {
    const { view } = open({ destinations: [well] });
    assert.equal(summarizeHealth(view.healthChecks()).status, 'ok');
    assert.equal(view.itemCounts().traces?.pending, 2);
    assert.equal(view.forwardCounts().length, 1);
  });

  it('a lane that is dead, a disk that is full: failing, with the reason', () => {
    for (const [world, reason] of [
      [{ laneFault: 'the lane died' }, 'the lane died'],
      [{ storageFault: 'ENOSPC' }, 'ENOSPC'],
      [{ laneHang: 'it waits for fdatasync' }, 'it waits for fdatasync'],
      [{ receiverHang: 'it does not go on' }, 'it does not go on'],
    ] as const) {
      const { status, checks } = summarizeHealth(open(world).view.healthChecks());
      assert.equal(status, 'failing');
      assert.ok(checks.some(({ detail }) => detail === reason));
    }
  });

  it('a lane that recovers: starting, with the bytes done and to do', () => {
    const { view } = open({ recovery: { doneBytes: 30, totalBytes: 100 }, laneFault: 'it starts' });
    const health = summarizeHealth(view.healthChecks(), view.recovery());
    assert.deepEqual(
      [health.status, health.recovery],
      ['starting', { bytes_done: 30, bytes_to_do: 70 }],
    );
    assert.match(health.checks[0]?.detail ?? '', /30 of 100 bytes/);
  });

  it('a recovery that hangs: failing', () => {
    const world = { recovery: { doneBytes: 0, totalBytes: 9 }, laneHang: 'it waits for read' };
    const { view } = open(world);
    assert.equal(summarizeHealth(view.healthChecks(), view.recovery()).status, 'failing');
  });

  it('a destination that is away or far behind: degraded, with the reason', () => {
    const away: DestinationStatus = { ...well, breaker: 'open', lastError: 'ECONNREFUSED' };
    const late: DestinationStatus = { ...well, lagRequests: 900, lagSeconds: 61 };
    const unready: DestinationStatus = { ...well, fault: 'tls.ca_file: there is no file x' };
    for (const [destination, reason] of [
      [unready, /tls.ca_file: there is no file x/],
      [away, /breaker open, .*ECONNREFUSED/],
      [late, /900 requests behind, 61 s/],
    ] as const) {
      const { status, checks } = summarizeHealth(
        open({ destinations: [well, destination] }).view.healthChecks(),
      );
      assert.equal(status, 'degraded');
      assert.match(checks.at(-1)?.detail ?? '', reason);
    }
  });

  it('flush and rotate: ask the lane; segments are named as they end up', async () => {
    const { view, requests } = open();
    assert.deepEqual(await view.flush(), { logs: 3 });
    assert.deepEqual(await view.rotate(), ['a.arrow']);
    assert.deepEqual(
      requests.map(({ kind }) => kind),
      ['flush', 'rotate'],
    );
  });

  it('a lane that could not write all: the reason is thrown', async () => {
    const { view, lane } = open({ done: { fault: 'ENOSPC' } });
    await assert.rejects(view.flush(), /ENOSPC/);
    await assert.rejects(commandOrFault(lane, { kind: 'flush' }), /ENOSPC/);
  });
});
