/** What a delivery says at its end: to people as text, to programs as JSON. */
import { type Problem, problem } from '../../shared/errors.ts';
import { itemNames } from '../../shared/signal.ts';
import { sumItems, type Tally } from './tally.ts';

export function summaryText(tally: Tally): string {
  const { items, requests, retries, seconds } = tally;
  const rows = [
    ...Array.from(items, ([signal, { acknowledged, rejected, failed }]) => {
      const others = `${whole(rejected)} rejected, ${whole(failed)} failed`;
      return [itemNames[signal], whole(acknowledged), `acknowledged, ${others}`] as const;
    }),
    ['requests', whole(requests), `and ${whole(retries)} retries`],
    ['time', seconds.toFixed(2), 's'],
    ...Array.from(items, ([signal, { acknowledged }], index) => {
      const rate = whole(perSecond(acknowledged, tally));
      return [index === 0 ? 'rate' : '', rate, `${itemNames[signal]}/s acknowledged`] as const;
    }),
  ] as const;
  const width = Math.max(...rows.map(([, count]) => count.length));
  return rows
    .map(([name, count, unit]) => `${name.padEnd(14)}${count.padStart(width)} ${unit}`)
    .join('\n');
}

/** First the items of all signals together, then those of each; `more` is of the command's own. */
export function summaryJson(
  tally: Tally,
  more: Readonly<Record<string, number | string | readonly unknown[]>> = {},
): string {
  const { items, requests, retries, seconds } = tally;
  return JSON.stringify({
    ...sumItems(tally),
    ...Object.fromEntries(items),
    requests,
    retries,
    seconds: Number(seconds.toFixed(3)),
    spans_per_second: Math.round(perSecond(items.get('traces')?.acknowledged ?? 0, tally)),
    ...more,
  });
}

/** Returns a function that reports the first retry, so that the user knows why nothing happens. */
export function reportRetries(endpoint: string, stream: NodeJS.WriteStream) {
  return (reason: string): void => {
    // On a terminal the progress bar is in the line.
    const start = stream.isTTY ? '\n' : '';
    stream.write(`${start}archer: ${endpoint} takes no request (${reason}): trying again\n`);
  };
}

/** Returns why the exit code is not 0; undefined if all items were acknowledged. */
export function summaryProblem(
  tally: Tally,
  destination: string,
  option: string,
): Problem | undefined {
  const { acknowledged, rejected, failed } = sumItems(tally);
  const lastly = tally.lastProblem ?? 'nothing was answered';
  if (tally.gaveUp || (failed > 0 && acknowledged + rejected === 0)) {
    const hint = tally.isMisdirected
      ? `Give another ${option}, or credentials with --header.`
      : `Start "archer record" there, or give another ${option} or --protocol.`;
    const reason = `${lastly}; so far: ${countsText(tally)}.`;
    return problem('ERR_ARCHER_DESTINATION_UNAVAILABLE', { destination, reason, hint });
  }
  if (rejected + failed === 0) return undefined;
  const lost = Array.from(tally.items, ([signal, items]) => {
    const count = items.rejected + items.failed;
    return count === 0 ? [] : [`${whole(count)} ${itemNames[signal]}`];
  });
  return problem('ERR_ARCHER_NOT_ACKNOWLEDGED', { items: lost.flat().join(', '), reason: lastly });
}

/** `500 spans acknowledged, 10 rejected; 20 data points acknowledged`. */
export function countsText({ items }: Tally): string {
  const parts = Array.from(items, ([signal, { acknowledged, rejected, failed }]) => {
    const others = [
      ...(rejected > 0 ? [`${rejected} rejected`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
    ];
    return [`${acknowledged} ${itemNames[signal]} acknowledged`, ...others].join(', ');
  });
  return parts.join('; ');
}

function perSecond(count: number, { seconds }: Tally): number {
  return seconds > 0 ? count / seconds : 0;
}

function whole(count: number): string {
  return Math.round(count).toLocaleString('en');
}
