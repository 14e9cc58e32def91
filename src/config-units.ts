/** The units of settings: sizes in bytes, times in milliseconds. */

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
};

const durationUnitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Bytes of `1024`, `64KiB` or `1.5 GB`; NaN where the text is no size. */
export function parseByteCount(text: string): number {
  return Math.round(parseQuantity(text, byteUnits));
}

/** Milliseconds of `250ms`, `1.5h` or `0`; NaN where the text is no time or lacks its unit. */
export function parseDurationMs(text: string): number {
  return text.trim() === '0' ? 0 : parseQuantity(text, durationUnitsMs);
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (match === null) return Number.NaN;
  const unit = units[match[2] ?? ''];
  return unit === undefined ? Number.NaN : Number(match[1]) * unit;
}
