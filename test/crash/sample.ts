/** Which cases of a table are run: some in `npm test`, all where many rounds are asked for. */
import { chooseSeed, TestRandom } from '../random.ts';

/** From so many rounds on, nothing is left out. */
const roundsOfAll = 26;

/** So many of the table's entries, by the seed; or all. */
export function sampleCases<T>(table: Readonly<Record<string, T>>, count: number): [string, T][] {
  const entries = Object.entries(table);
  if (Number(process.env['ROUNDS'] ?? '0') >= roundsOfAll) return entries;
  const seed = chooseSeed();
  console.log(`SEED=${seed}`);
  const random = new TestRandom(seed);
  while (entries.length > count) entries.splice(random.below(entries.length), 1);
  return entries;
}
