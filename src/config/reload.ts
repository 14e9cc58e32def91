/** Applies a changed configuration while the recorder runs, completely or not at all. */

import type { Problem } from '../shared/errors.ts';
import type { Journal } from '../shared/journal.ts';
import type { LoadedConfig } from './config.ts';
import { planReload, type SourcedConfig } from './reload-plan.ts';
import type { Config, SettingKey } from './settings.ts';

/** A part of the running recorder that can change its settings. */
export interface Reconfigurable {
  reconfigure(config: Config, changed: readonly SettingKey[]): void;
}

export interface ReloadOptions {
  /** The configuration that the recorder was started with. */
  readonly running: SourcedConfig;
  /** Reads all sources again. */
  readonly load: () => LoadedConfig;
  readonly parts: readonly Reconfigurable[];
  readonly journal: Journal;
}

export class ConfigReload {
  readonly #options: ReloadOptions;
  #running: SourcedConfig;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#running = options.running;
  }

  /** Log lines begin with the cause: `SIGHUP`, or that the file has changed. */
  reload(cause: string): void {
    const loaded = this.#options.load();
    if (!loaded.ok) {
      this.#refuse(cause, loaded.problems);
      return;
    }
    const plan = planReload(this.#running, loaded);
    if (plan.action === 'refuse') {
      this.#refuse(cause, plan.problems);
      return;
    }
    this.#running = plan.next;
    this.#apply(cause, plan.applied, plan.restart);
  }

  #refuse(cause: string, problems: readonly Problem[]): void {
    for (const { code, message: problem } of problems) {
      const message = `${cause}: the configuration stays as it is: ${problem}`;
      this.#options.journal.write('error', message, { code });
    }
  }

  #apply(cause: string, applied: readonly SettingKey[], restart: readonly SettingKey[]): void {
    const { parts, journal } = this.#options;
    if (applied.length > 0) {
      for (const part of parts) part.reconfigure(this.#running.config, applied);
      journal.write('info', `${cause}: applied: ${applied.join(', ')}`);
    }
    if (restart.length > 0) {
      const keys = restart.join(', ');
      journal.write('warn', `${cause}: changed, but applied only by a restart: ${keys}`);
    }
    if (applied.length + restart.length === 0) {
      journal.write('info', `${cause}: no setting has changed`);
    }
  }
}
