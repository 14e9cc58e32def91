/** Builds dist/: tsc compiles TypeScript, and the AssemblyScript compiler compiles the decoder. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const require = createRequire(import.meta.url);
const decoder = join('src', 'columns', 'decode');
const wasm = join('dist', decoder, 'decoder.wasm');
const buildInfo = join('dist', 'tsconfig.tsbuildinfo');

/** Returns the newest modification time below the given paths, in ms; 0 if nothing exists. */
function newest(...paths) {
  let time = 0;
  for (const path of paths) {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    time = Math.max(time, stat.mtimeMs);
    if (!stat.isDirectory()) continue;
    time = Math.max(time, newest(...readdirSync(join(root, path)).map((name) => join(path, name))));
  }
  return time;
}

/** Runs a command of an installed package with this Node. Ends the build if it fails. */
function run(packageName, bin, args) {
  const packageFile = require.resolve(`${packageName}/package.json`);
  const script = join(dirname(packageFile), require(packageFile).bin[bin]);
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Removes compiled files without a source: the test of a deleted source would still run. */
function removeOrphans(folder) {
  const options = { recursive: true, encoding: 'utf8' };
  for (const name of readdirSync(join(root, 'dist', folder), options)) {
    const source = join(root, folder, name.replace(/\.js$/, '.ts'));
    if (name.endsWith('.js') && !existsSync(source)) rmSync(join(root, 'dist', folder, name));
  }
}

const ifStale = process.argv.includes('--if-stale');

if (
  !ifStale ||
  newest(buildInfo) < newest('src', 'test', 'bench', 'tsconfig.json', 'package.json')
) {
  run('typescript', 'tsc', ['--build']);
  for (const folder of ['src', 'test', 'bench']) removeOrphans(folder);
}
if (!ifStale || newest(wasm) < newest(decoder, 'package.json')) {
  mkdirSync(join(root, dirname(wasm)), { recursive: true });
  run('assemblyscript', 'asc', [
    join(decoder, 'index.ts'),
    '--outFile',
    wasm,
    ...['-O3', '--noAssert', '--runtime', 'minimal'],
    ...['--importMemory', '--sharedMemory', '--initialMemory', '64', '--maximumMemory', '65536'],
    ...['--enable', 'simd', '--enable', 'bulk-memory', '--enable', 'threads'],
    ...['--use', 'abort='],
  ]);
}
