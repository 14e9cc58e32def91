/** Finds the name that a mistyped name most likely stands for. */

/** Returns `; did you mean batch.max_rows?`, or an empty text if no name is near. */
export function suggestion(mistyped: string, names: readonly string[]): string {
  const nearest = nearestName(mistyped, names);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Allows an edit distance of 2, which covers two swapped letters, or a third of a long name. */
export function nearestName(mistyped: string, names: readonly string[]): string | undefined {
  const letters = lettersOf(mistyped);
  const ranked = names
    .map((name) => ({ name, distance: editDistance(letters, lettersOf(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  const distanceMax = Math.min(Math.max(2, letters.length / 3), letters.length - 1);
  return best === undefined || best.distance > distanceMax ? undefined : best.name;
}

/** Makes maxRows, max-rows and max_rows equal. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** The Levenshtein distance: how many letters have to be added, removed or changed. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let column = 0; column < b.length; column++) {
      const changed = row[column]! + (letter === b[column] ? 0 : 1);
      next.push(Math.min(changed, row[column + 1]! + 1, next[column]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
