/** The output directory that a command reads, and the one that a segment lies in. */
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadOutputDir } from '../../config/config.ts';
import { isFolderAt } from '../../disk/folder-at.ts';
import { isDateFolder, parseSegmentFileName, privateFolder } from '../../disk/layout.ts';
import type { Storage } from '../../disk/storage.ts';
import { type Problem, problem } from '../../shared/errors.ts';
import { exitCode } from '../process/exit-code.ts';
import { configFlag, settingFlag } from './setting-flags.ts';

/** The options as commander parses them. */
export interface OutputDirOptions {
  readonly config?: string;
  readonly outputDir?: string;
}

export type FoundOutputDir =
  | { readonly ok: true; readonly outputDir: string }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly code: number };

export function addOutputDirOptions(command: Command): Command {
  return command.addOption(settingFlag('output_dir')).addOption(configFlag());
}

/** By the options and what else says it; no other setting has to be right for that. */
export function findOutputDir(storage: Storage, options: OutputDirOptions): FoundOutputDir {
  const { config: configFile, outputDir: output_dir } = options;
  const flags = output_dir === undefined ? {} : { output_dir };
  const loaded = loadOutputDir({ flags, configFile, environment: process.env, storage });
  if (!loaded.ok) return { ...loaded, code: exitCode.usage };
  const { outputDir } = loaded;
  if (isFolderAt(storage, outputDir)) return { ok: true, outputDir };
  const problems = [problem('ERR_ARCHER_DIRECTORY_MISSING', { directory: outputDir })];
  return { ok: false, problems, code: exitCode.fault };
}

/** Undefined for a file that lies where no recorder writes, such as a copy. */
export function outputDirectoryOf(storage: Storage, path: string): string | undefined {
  const dateFolder = dirname(resolve(path));
  const signalFolder = dirname(dateFolder);
  const signal = parseSegmentFileName(basename(path))?.signal;
  const isPlace = signal === basename(signalFolder) && isDateFolder(basename(dateFolder));
  const outputDir = dirname(signalFolder);
  const isHome = isPlace && storage.stat(join(outputDir, privateFolder))?.kind === 'folder';
  return isHome ? outputDir : undefined;
}
