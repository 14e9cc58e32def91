/** What `archer generate` says at its end: to people as text, to programs as JSON. */
import type { Tally } from './delivery.ts';

export function summaryText(tally: Tally): string {
  const { acknowledged, rejected, failed, requests, retries, seconds } = tally;
  const rows = [
    ['acknowledged', whole(acknowledged), 'spans'],
    ['rejected', whole(rejected), 'spans'],
    ['failed', whole(failed), 'spans'],
    ['requests', whole(requests), `and ${whole(retries)} retries`],
    ['time', seconds.toFixed(2), 's'],
    ['rate', whole(spansPerSecond(tally)), 'spans/s acknowledged'],
  ] as const;
  const width = Math.max(...rows.map(([, count]) => count.length));
  return rows
    .map(([name, count, unit]) => `${name.padEnd(14)}${count.padStart(width)} ${unit}`)
    .join('\n');
}

export function summaryJson(tally: Tally, seed: number): string {
  return JSON.stringify({
    acknowledged: tally.acknowledged,
    rejected: tally.rejected,
    failed: tally.failed,
    requests: tally.requests,
    retries: tally.retries,
    seconds: Number(tally.seconds.toFixed(3)),
    spans_per_second: Math.round(spansPerSecond(tally)),
    seed,
  });
}

/** Why the exit code is not 0, in one line; undefined where all were acknowledged. */
export function summaryProblem(tally: Tally, endpoint: string): string | undefined {
  const { acknowledged, rejected, failed, gaveUp } = tally;
  const lastly = tally.lastProblem ?? 'nothing was answered';
  if (gaveUp || (failed > 0 && acknowledged + rejected === 0)) {
    const remedy = 'start "archer record" there or give another --endpoint';
    return `${endpoint} takes no requests (${lastly}): ${remedy}`;
  }
  if (rejected + failed === 0) return undefined;
  const lost = whole(rejected + failed);
  return `${lost} spans were not acknowledged; the last answer about any: ${lastly}`;
}

function spansPerSecond({ acknowledged, seconds }: Tally): number {
  return seconds > 0 ? acknowledged / seconds : 0;
}

function whole(count: number): string {
  return Math.round(count).toLocaleString('en');
}
