/** The version of this package, which files and `--version` state. */
import { createRequire } from 'node:module';

/** Reads it from package.json, two folders above dist/src. */
export function packageVersion(): string {
  const packageFile: { version: string } = createRequire(import.meta.url)('../../../package.json');
  return packageFile.version;
}
