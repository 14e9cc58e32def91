/** Finds the name that somebody meant who mistyped it. */

/** `; did you mean batch.max_rows?`, or nothing where no name is near. */
export function proposal(mistyped: string, names: readonly string[]): string {
  const nearest = nearestName(mistyped, names);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Two letters may have changed places; of long names, up to a third may be wrong. */
export function nearestName(mistyped: string, names: readonly string[]): string | undefined {
  const wanted = lettersOf(mistyped);
  const ranked = names
    .map((name) => ({ name, distance: editDistance(wanted, lettersOf(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  const distanceMax = Math.min(Math.max(2, wanted.length / 3), wanted.length - 1);
  return best === undefined || best.distance > distanceMax ? undefined : best.name;
}

/** Whoever writes maxRows or max-rows means max_rows. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** How many letters have to be added, removed or changed (Levenshtein). */
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
