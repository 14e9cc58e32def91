/** The version of this package, as files and `--version` tell it. */
import { createRequire } from 'node:module';

/** As in package.json, which lies two folders above dist/src. */
export function packageVersion(): string {
  const packageFile: { version: string } = createRequire(import.meta.url)('../../../package.json');
  return packageFile.version;
}
