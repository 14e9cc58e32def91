/** Parses times as people write them: RFC 3339, or relative to now. */

const nsPerMs = 1_000_000n;

/** The units of relative times, in ms. */
const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const relativePattern = /^-(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** The seconds are optional, and so is the time of day. A date alone is midnight UTC. */
const absolutePattern =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d))?$/;

/** Returns Unix ns for `2026-11-21T08:53:05.123456789Z`, `2026-11-21` or `-15m`; else undefined. */
export function parseTime(text: string, nowNs: bigint): bigint | undefined {
  const [, quantity, unit] = relativePattern.exec(text) ?? [];
  if (quantity !== undefined) {
    const ms = Math.round(Number(quantity) * unitsMs[unit ?? '']!);
    return Number.isSafeInteger(ms) ? nowNs - BigInt(ms) * nsPerMs : undefined;
  }
  const [, date, time = '00:00', fraction = '', zone = 'Z'] = absolutePattern.exec(text) ?? [];
  if (date === undefined) return undefined;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  // Date.parse accepts a day that the month does not have and returns a day of the next month.
  const isDay = new Date(`${date}T00:00Z`).getUTCDate() === Number(date.slice(-2));
  if (Number.isNaN(ms) || !isDay) return undefined;
  return BigInt(ms) * nsPerMs + BigInt(fraction.padEnd(9, '0'));
}
