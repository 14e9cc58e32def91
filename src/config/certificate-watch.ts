/** Watches all files of certificates, keys and authorities that the configuration names. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';
import { type FileWatch, type FileWatchEvents, watchFiles } from './file-watch.ts';
import { listenerPemFiles } from './pem-file.ts';
import type { Reconfigurable } from './reload.ts';

export class CertificateWatch implements Reconfigurable, FileWatch {
  readonly #events: FileWatchEvents;
  #paths: readonly string[];
  #watch: Promise<FileWatch>;

  constructor(config: Config, events: FileWatchEvents) {
    this.#events = events;
    this.#paths = pathsOf(config);
    this.#watch = watchFiles(this.#paths, events);
  }

  /** Resolves once every later change is reported. */
  async ready(): Promise<void> {
    await this.#watch;
  }

  /** Watches the files of changed destinations. Files of the receivers need a restart. */
  reconfigure(config: Config): void {
    const paths = pathsOf(config);
    if (isDeepStrictEqual(paths, this.#paths)) return;
    this.#paths = paths;
    this.#watch = this.#replace(this.#watch, paths);
  }

  async close(): Promise<void> {
    await (await this.#watch).close();
  }

  /** Reports a change afterwards, because a file may have changed before it was watched. */
  async #replace(before: Promise<FileWatch>, paths: readonly string[]): Promise<FileWatch> {
    await (await before).close();
    const watch = await watchFiles(paths, this.#events);
    this.#events.onChange();
    return watch;
  }
}

/** Returns each path once: destinations often share their authorities. */
function pathsOf(config: Config): readonly string[] {
  const ofDestinations = config.forwarding.flatMap(({ tls }) => Object.values(tls));
  const paths = [...listenerPemFiles(config), ...ofDestinations];
  return [...new Set(paths.flatMap((path) => path ?? []))];
}
