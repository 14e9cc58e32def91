/** The units of settings: sizes in bytes, times in milliseconds. */

/** From large to small: a size is written in the first unit of which it is a whole number. */
const byteUnits: Readonly<Record<string, number>> = {
  GiB: 1024 ** 3,
  GB: 1000 ** 3,
  MiB: 1024 ** 2,
  MB: 1000 ** 2,
  KiB: 1024,
  KB: 1000,
  '': 1,
};

const durationUnitsMs: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

/** Reads `1024`, `64KiB` or `1.5 GB` as bytes. Returns NaN if the text is not a size. */
export function parseByteCount(text: string): number {
  return Math.round(parseQuantity(text, byteUnits));
}

/** Reads `250ms`, `1.5h` or `0` as milliseconds. Returns NaN if it is no time or has no unit. */
export function parseDurationMs(text: string): number {
  return text.trim() === '0' ? 0 : parseQuantity(text, durationUnitsMs);
}

/** Formats bytes as `128MiB`, without rounding, so that parseByteCount reads them back. */
export function byteCountText(bytes: number): string {
  return quantityText(bytes, byteUnits);
}

/** Formats milliseconds as `90s`, without rounding, so that parseDurationMs reads them back. */
export function durationText(ms: number): string {
  return quantityText(ms, durationUnitsMs);
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (match === null) return Number.NaN;
  const unit = units[match[2] ?? ''];
  return unit === undefined ? Number.NaN : Number(match[1]) * unit;
}

function quantityText(quantity: number, units: Readonly<Record<string, number>>): string {
  if (quantity === 0) return '0';
  const fitting = Object.entries(units).find(([, unit]) => quantity % unit === 0);
  return fitting === undefined ? String(quantity) : `${quantity / fitting[1]}${fitting[0]}`;
}
