/** How the commands show sizes, times and tables. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `10.3 MiB`: one digit behind the point from KiB on. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let index = 0;
  while (size >= 1024 && index < units.length - 1) {
    size /= 1024;
    index++;
  }
  return index === 0 ? `${size} B` : `${size.toFixed(1)} ${units[index]}`;
}

/** RFC 3339 with nanoseconds, UTC; empty for a time that is not there. */
export function formatTime(unixNs: bigint | null): string {
  if (unixNs === null) return '';
  const ms = unixNs / 1_000_000n;
  const nanoseconds = String(unixNs % 1_000_000_000n).padStart(9, '0');
  return new Date(Number(ms)).toISOString().replace(/\.\d{3}Z$/, `.${nanoseconds}Z`);
}

/** Rows under their headings, columns two spaces apart; columns of numbers stand to the right. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [headings, ...rows].map((row) => row.map(String));
  const widths = headings.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const isNumeric = headings.map((_, column) => {
    return rows.length > 0 && rows.every((row) => typeof row[column] === 'number');
  });
  const lines = cells.map((row) => {
    const padded = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width);
    });
    return padded.join('  ').trimEnd();
  });
  return lines.join('\n');
}
