/** Runs the benches named by the arguments, or all, each in a process of its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Names of the benches, in the order in which the data travels. With BENCH_QUICK=1 each bench only
 * shows that it runs.
 */
const benches = [
  'ring',
  'decode',
  'encode',
  'rebuild',
  'wal',
  'catalogue',
  'end-to-end',
  'durability',
  'forward',
  'series',
];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !benches.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${benches.join(', ')}.`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : benches) {
  console.log(`\n== ${name}\n`);
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
