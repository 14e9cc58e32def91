/** Runs the compiled tests with Node's test runner; arguments choose folders or files of dist/test. */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Folders that need more than npm packages or more than minutes; scripts of their own run them. */
const separate = new Set(['conformance', 'crash']);

function testFiles(folder: string, skip: ReadonlySet<string>): string[] {
  return readdirSync(folder)
    .filter((name) => !skip.has(name))
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return testFiles(path, skip);
      return name.endsWith('.test.js') ? [path] : [];
    });
}

function chosen(name: string): string[] {
  const path = join(here, name);
  return name.endsWith('.js') ? [path] : testFiles(path, new Set());
}

const names = process.argv.slice(2);
const files = names.length === 0 ? testFiles(here, separate) : names.flatMap(chosen);
/** A test that takes longer hangs. */
const timeoutMs = Number(process.env['TEST_TIMEOUT_MS'] ?? 120_000);

const flags = [
  '--test',
  '--enable-source-maps',
  '--test-reporter=spec',
  `--test-timeout=${timeoutMs}`,
  // Node itself would leave a core to others: half of the machine where it has two.
  `--test-concurrency=${availableParallelism()}`,
];
const { status } = spawnSync(process.execPath, [...flags, ...files.sort()], { stdio: 'inherit' });
process.exit(status ?? 1);
