/** Selects cases of a table: some in `npm test`, all if many rounds are requested. */
import { chooseSeed, TestRandom } from '../random.ts';

/** With at least this many rounds, every case runs. */
const roundsOfAll = 26;

/** Returns `count` entries of the table, chosen by the seed, or all entries. */
export function sampleCases<T>(table: Readonly<Record<string, T>>, count: number): [string, T][] {
  const entries = Object.entries(table);
  if (Number(process.env['ROUNDS'] ?? '0') >= roundsOfAll) return entries;
  const seed = chooseSeed();
  console.log(`SEED=${seed}`);
  const random = new TestRandom(seed);
  while (entries.length > count) entries.splice(random.below(entries.length), 1);
  return entries;
}
