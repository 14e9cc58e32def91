/** Makes text of other programs safe to print: one line without control characters. */

/** Replaces white space by single spaces. The result has at most `lengthMax` UTF-16 units. */
export function oneLine(text: string, lengthMax: number): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, lengthMax);
}
