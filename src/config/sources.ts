/** The sources that settings are read from. */
import type { Storage } from '../disk/storage.ts';
import type { SettingKey } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigSources {
  /** Texts from the command line, by the key of the setting. */
  readonly flags: Readonly<Partial<Record<SettingKey, string>>>;
  /** The path after `--config`. */
  readonly configFile?: string | undefined;
  /** All other arguments of the command line, in their order. */
  readonly unknownArguments?: readonly string[];
  readonly environment: Environment;
  /**
   * The file that was read before a reload. It must still exist and must not be empty, as a file is
   * for a moment while an editor writes it. Otherwise a reload would apply the defaults, and their
   * retention could delete segments that the file keeps.
   */
  readonly fileBefore?: string | undefined;
  /** Default: the disk of the machine. */
  readonly storage?: Storage;
}
