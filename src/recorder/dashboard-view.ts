/** What the server of the dashboard port reads of the recorder, and how it controls it. */

import type { DestinationStatus } from '../forward/forwarding.ts';
import type { LaneDone, LaneRequest } from '../lane/lane-messages.ts';
import type { SealedSegments } from '../retention/sealed-segments.ts';
import { readRequestCounts } from '../ring/request-counts.ts';
import { readTallies } from '../ring/tallies.ts';
import type { HealthCheck, RecorderView } from '../serve/recorder-view.ts';
import { ArcherError, problem } from '../shared/errors.ts';
import { signals } from '../shared/signal.ts';
import type { LaneSupervisor } from './lane-supervisor.ts';

/** A lane answers once it has written its batches. If the disk hangs, the caller gets a fault. */
export const commandMsMax = 10_000;

/** A destination that lags behind for less than this is not reported. */
const lagSecondsMax = 60;

export interface DashboardParts {
  readonly lane: Pick<LaneSupervisor, 'fault' | 'recovery' | 'command'>;
  readonly archive: SealedSegments;
  /** Returns why the lane's thread does not go on; undefined while it does. */
  readonly laneHang: () => string | undefined;
  readonly receiverHang: () => string | undefined;
  /** Returns why the disk cannot be written; null while it can. */
  readonly storageFault: () => string | null;
  readonly tallies: SharedArrayBuffer;
  readonly requests: SharedArrayBuffer;
  readonly destinations: () => readonly DestinationStatus[];
}

export function dashboardView(parts: DashboardParts): RecorderView {
  const { lane, archive, storageFault, tallies, requests, destinations } = parts;
  const { laneHang, receiverHang } = parts;
  return {
    itemCounts: () => {
      const counts = readTallies(tallies);
      return Object.fromEntries(signals.map((signal) => [signal, counts[signal]]));
    },
    requestCounts: () => readRequestCounts(requests),
    retentionCounts: () => archive.retentionCounts,
    forwardCounts: destinations,
    healthChecks: () => [
      laneCheck(lane, laneHang()),
      check('receiver', receiverHang(), 'receiving'),
      check('disk', storageFault() ?? undefined, 'writable'),
      ...destinations().map(destinationCheck),
    ],
    recovery: () => lane.recovery(),
    flush: async () => (await commandOrFault(lane, { kind: 'flush' })).rows,
    rotate: async () => {
      const { sealed } = await commandOrFault(lane, { kind: 'rotate', reason: 'asked' });
      return archive.finalPaths(sealed);
    },
  };
}

/** Rejects with an ArcherError if some rows could not be written, or no lane answers in time. */
export async function commandOrFault(
  lane: Pick<LaneSupervisor, 'command'>,
  request: LaneRequest,
): Promise<LaneDone> {
  const done = await lane.command(request, commandMsMax);
  if (done.fault !== undefined) {
    throw new ArcherError(problem('ERR_ARCHER_FLUSH_FAILED', { reason: done.fault }));
  }
  return done;
}

function laneCheck(lane: DashboardParts['lane'], hang: string | undefined): HealthCheck {
  const recovery = lane.recovery();
  if (hang !== undefined || recovery === undefined) {
    return check('lane', hang ?? lane.fault(), 'recording');
  }
  const { doneBytes, totalBytes } = recovery;
  const detail = `recovers what an earlier run left: ${doneBytes} of ${totalBytes} bytes`;
  return { name: 'lane', status: 'starting', detail };
}

function check(name: string, fault: string | undefined, well: string): HealthCheck {
  return { name, status: fault === undefined ? 'ok' : 'failing', detail: fault ?? well };
}

/** A destination that is unreachable or far behind does not prevent recording: `degraded`. */
function destinationCheck(destination: DestinationStatus): HealthCheck {
  const { breaker, lagRequests, lagSeconds, lastError, fault } = destination;
  const isWell = fault === undefined && breaker === 'closed' && lagSeconds <= lagSecondsMax;
  const lag = `${lagRequests} requests behind, ${Math.round(lagSeconds)} s`;
  const reason = fault ?? lastError;
  const why = reason === undefined ? '' : `: ${reason}`;
  return {
    name: `forwarding ${destination.name}`,
    status: isWell ? 'ok' : 'degraded',
    detail: isWell ? lag : `breaker ${breaker}, ${lag}${why}`,
  };
}
