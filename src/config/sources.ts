/** What the settings are read from. */
import type { Storage } from '../disk/storage.ts';
import type { SettingKey } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigSources {
  /** By setting key, as given on the command line. */
  readonly flags: Readonly<Partial<Record<SettingKey, string>>>;
  /** Of the command line: `--config`. */
  readonly configFile?: string | undefined;
  /** What else stood on the command line, in its order. */
  readonly unknownArguments?: readonly string[];
  readonly environment: Environment;
  /**
   * Of a reload: the file read before. It must still be there and not be empty, as a file is while
   * it is written: the defaults could delete what the file keeps.
   */
  readonly fileBefore?: string | undefined;
  /** Absent: the machine's disk. */
  readonly storage?: Storage;
}
