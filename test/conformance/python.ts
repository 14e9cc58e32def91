/** The Python scripts of this folder, run with the Python that has the readers. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The scripts lie beside the sources; only TypeScript is compiled to dist/. */
const folder = fileURLToPath(new URL('../../../test/conformance/', import.meta.url));

/**
 * Resolves with standard output; rejects with standard error when the script fails. With -B no
 * compiled files stay beside the scripts.
 */
export function runPython(script: string, ...args: readonly string[]): Promise<string> {
  const python = process.env['PYTHON'] ?? 'python3';
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 256 * 1024 * 1024 };
    execFile(python, ['-B', join(folder, script), ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${script}: ${stderr}${stdout}`));
    });
  });
}
