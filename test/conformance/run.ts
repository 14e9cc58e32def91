/** Runs the conformance tests with a Python that has the readers; makes that Python when it is missing. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const venv = join(root, '.venv');
const python = join(venv, 'bin', 'python');
const requirements = join(root, 'test', 'conformance', 'requirements.txt');
/** What the venv was made from; another list means another venv. */
const installed = join(venv, 'requirements.txt');

function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): void {
  const env = { ...process.env, ...environment };
  const { status } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}

function hasReaders(): boolean {
  if (!existsSync(python) || !existsSync(installed)) return false;
  return readFileSync(installed, 'utf8') === readFileSync(requirements, 'utf8');
}

if (!hasReaders()) {
  run('python3', ['-m', 'venv', '--clear', venv]);
  run(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  copyFileSync(requirements, installed);
}
const runner = join(root, 'dist', 'test', 'run.js');
run(process.execPath, [runner, ...(process.argv[2] ? process.argv.slice(2) : ['conformance'])], {
  PYTHON: python,
  // Every reader is a process of its own, and there are seven of them for each file.
  TEST_TIMEOUT_MS: String(10 * 60_000),
});
