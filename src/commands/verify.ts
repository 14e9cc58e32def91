/** `archer verify`: reads every file to its last byte and says what is wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { directoryHolder } from '../disk/lock/directory-lock.ts';
import { systemProcesses } from '../disk/lock/process-identity.ts';
import { nodeStorage, type Storage } from '../disk/storage.ts';
import { problem } from '../shared/errors.ts';
import {
  addOutputDirOptions,
  findOutputDir,
  type OutputDirOptions,
} from './options/output-directory.ts';
import { exitCode } from './process/exit-code.ts';
import { printProblems } from './terminal/print-problems.ts';
import { openProgress, type Progress } from './terminal/reading-progress.ts';
import { openFileKinds } from './verify/file-kind.ts';
import { type FoundFile, findFiles } from './verify/file-search.ts';
import { fileLines, summaryLine, toJson, type VerifiedFile } from './verify/verify-report.ts';

interface VerifyOptions extends OutputDirOptions {
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** A batch of 256 MiB is appended within a second; most take a millisecond. */
const appendPauseMs = 100;
const appendLooksMax = 10;

export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('reads every file to its last byte; a line for each fault, exit 1 if there is any')
    .argument('[path...]', 'files, or folders with all that is in them (default: output_dir)')
    .option('--verbose', 'a line for each file without a fault, too')
    .option('--json', 'print a JSON array of the files');
  return addOutputDirOptions(command).action(
    async (paths: readonly string[], options: VerifyOptions) => {
      process.exitCode = await verify(paths, options);
    },
  );
}

async function verify(paths: readonly string[], options: VerifyOptions): Promise<number> {
  const wanted = paths.length > 0 ? paths : recordedInto(options);
  if (typeof wanted === 'number') return wanted;
  const files = findWanted(nodeStorage, wanted, options.json);
  if (files === undefined) return exitCode.usage;
  const verified = await verifyFiles(nodeStorage, files);
  print(verified, options);
  return verified.some(({ faults }) => faults.length > 0) ? exitCode.fault : exitCode.done;
}

/** The output directory; the exit code where there is none, which is said. */
function recordedInto(options: VerifyOptions): readonly string[] | number {
  const found = findOutputDir(nodeStorage, options);
  if (found.ok) return [found.outputDir];
  printProblems(found.problems, options.json);
  return found.code;
}

/** Undefined where a path leads nowhere, which is said. */
function findWanted(
  storage: Storage,
  paths: readonly string[],
  asJson: boolean | undefined,
): FoundFile[] | undefined {
  const kinds = openFileKinds(storage);
  const found = paths.map((path) => findFiles(storage, path, kinds));
  const missing = paths.filter((_, index) => found[index] === undefined);
  const hint = 'Name a file or a folder that exists.';
  const problems = missing.map((path) => problem('ERR_ARCHER_INPUT_MISSING', { path, hint }));
  printProblems(problems, asJson);
  return missing.length > 0 ? undefined : found.flatMap((files) => files ?? []);
}

function print(files: readonly VerifiedFile[], options: VerifyOptions): void {
  if (options.json === true) {
    console.log(toJson(files));
    return;
  }
  const lines = files.flatMap((file) => fileLines(file, options.verbose === true));
  for (const line of [...lines, summaryLine(files)]) console.log(line);
}

/** Files that are deleted meanwhile are left out. */
async function verifyFiles(storage: Storage, files: readonly FoundFile[]): Promise<VerifiedFile[]> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const progress = openProgress(bytes, process.stderr);
  const verified: VerifiedFile[] = [];
  for (const file of files) {
    const result = await verifyFile(storage, file, progress);
    if (result !== undefined) verified.push(result);
  }
  progress.close();
  return verified;
}

/** Looks again at a torn file that a recorder may be writing, unless it stays torn where it was. */
async function verifyFile(
  storage: Storage,
  found: FoundFile,
  progress: Progress,
): Promise<VerifiedFile | undefined> {
  let result = await lookAt(storage, found, progress);
  for (let look = 1; look < appendLooksMax; look++) {
    if (result === undefined || !isBeingAppended(storage, found, result)) break;
    const { bytes, faults } = result;
    await sleep(appendPauseMs);
    result = await lookAt(storage, found, progress);
    if (result?.bytes === bytes && result.faults.at(-1)?.offset === faults.at(-1)?.offset) break;
  }
  return result;
}

/** A file that cannot be read has a fault, whatever is in it. */
async function lookAt(
  storage: Storage,
  { path, kind, bytes }: FoundFile,
  progress: Progress,
): Promise<VerifiedFile | undefined> {
  try {
    const file = storage.open(path, 'read');
    try {
      return { path, kind: kind.name, ...(await kind.check(file, progress.add)) };
    } finally {
      storage.close(file);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === undefined) throw error;
    const what = `it cannot be read: ${message}`;
    const fault = { code: 'ERR_ARCHER_FILE_UNREADABLE', offset: 0, what } as const;
    return { path, kind: kind.name, state: 'torn', bytes, counts: {}, faults: [fault] };
  }
}

/** True if the tail may be torn because a recorder is writing it at this moment. */
function isBeingAppended(storage: Storage, { path, kind }: FoundFile, file: VerifiedFile): boolean {
  if (file.state !== 'torn') return false;
  const outputDir = kind.outputDirOf(path);
  if (outputDir === undefined) return false;
  return directoryHolder(storage, outputDir, systemProcesses(storage)) !== undefined;
}
