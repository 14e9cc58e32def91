/** Parser for an option that may be given several times. */

/** Appends the text of one more occurrence; commander passes the list so far. */
export function appendText(text: string, texts: readonly string[] = []): readonly string[] {
  return [...texts, text];
}
