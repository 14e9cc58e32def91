/** Takes up a changed configuration while the recorder runs, whole or not at all. */

import type { Journal } from '../shared/journal.ts';
import type { LoadedConfig } from './config.ts';
import { planReload } from './reload-plan.ts';
import type { Config, SettingKey } from './settings.ts';

/** A part of the running recorder that takes up what has changed. */
export interface Reconfigurable {
  reconfigure(config: Config, changed: readonly SettingKey[]): void;
}

export interface ReloadOptions {
  /** What the recorder was started with. */
  readonly running: Config;
  /** Reads all sources anew. */
  readonly load: () => LoadedConfig;
  readonly parts: readonly Reconfigurable[];
  readonly journal: Journal;
}

export class ConfigReload {
  readonly #options: ReloadOptions;
  #running: Config;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#running = options.running;
  }

  /** The cause is said in the journal: `SIGHUP`, or that the file has changed. */
  reload(cause: string): void {
    const loaded = this.#options.load();
    if (!loaded.ok) {
      this.#refuse(cause, loaded.problems);
      return;
    }
    const plan = planReload(this.#running, loaded.config);
    if (plan.action === 'refuse') this.#refuse(cause, plan.problems);
    else this.#take(cause, plan.config, plan.taken, plan.restart);
  }

  #refuse(cause: string, problems: readonly string[]): void {
    for (const problem of problems) {
      const message = `${cause}: the configuration stays as it is: ${problem}`;
      this.#options.journal.write('error', message);
    }
  }

  #take(
    cause: string,
    config: Config,
    taken: readonly SettingKey[],
    restart: readonly SettingKey[],
  ): void {
    const { parts, journal } = this.#options;
    this.#running = config;
    if (taken.length > 0) {
      for (const part of parts) part.reconfigure(config, taken);
      journal.write('info', `${cause}: taken up: ${taken.join(', ')}`);
    }
    if (restart.length > 0) {
      const what = restart.join(', ');
      journal.write('warn', `${cause}: changed, and taken up by a restart only: ${what}`);
    }
    if (taken.length + restart.length === 0) {
      journal.write('info', `${cause}: no setting has changed`);
    }
  }
}
