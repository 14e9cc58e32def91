/** `archer repair`: cuts the torn tail of segments and ends their streams. */
import { Command } from 'commander';
import { endSegment, planRepair, type RepairPlan } from '../disk/check/segment-repair.ts';
import { takeDirectoryLock } from '../disk/lock/directory-lock.ts';
import { systemProcesses } from '../disk/lock/process-identity.ts';
import { nodeStorage, type OpenMode, type Storage } from '../disk/storage.ts';
import { systemClock } from '../shared/clock.ts';
import { outputDirectoryOf } from './options/output-directory.ts';
import { exitCode } from './process/exit-code.ts';
import { type RepairedFile, repairLines, toJson } from './repair/repair-report.ts';

export function repairCommand(): Command {
  return new Command('repair')
    .description('cuts a torn tail after the last whole batch and ends the stream')
    .argument('<file...>', 'segments')
    .option('--json', 'print a JSON array of the files')
    .action(async (paths: readonly string[], options: { readonly json?: boolean }) => {
      process.exitCode = await repair(nodeStorage, paths, options.json === true);
    });
}

async function repair(storage: Storage, paths: readonly string[], asJson: boolean) {
  const missing = paths.filter((path) => storage.stat(path)?.kind !== 'file');
  for (const path of missing) console.error(`archer: ${path} is no file: name a segment`);
  if (missing.length > 0) return exitCode.usage;
  const files: RepairedFile[] = [];
  for (const path of paths) files.push(await repairFile(storage, path));
  if (asJson) console.log(toJson(files));
  else for (const line of files.flatMap(repairLines)) console.log(line);
  for (const { path, problem } of files) {
    if (problem !== undefined) console.error(`archer: ${path} ${problem}`);
  }
  return Math.max(...files.map(exitCodeOf));
}

function exitCodeOf({ action, plan }: RepairedFile): number {
  if (action === 'held') return exitCode.usage;
  const isWhole = plan !== undefined && plan.damaged.length === 0;
  return isWhole && action !== 'failed' ? exitCode.done : exitCode.fault;
}

async function repairFile(storage: Storage, path: string): Promise<RepairedFile> {
  try {
    const plan = withFile(storage, path, 'read', (file) => planRepair(storage, file));
    return plan.action === 'end' ? await endAlone(storage, path) : told(path, plan);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { path, action: 'failed', problem: `cannot be repaired: ${message}` };
  }
}

/** Under the lock of the directory, so that no recorder writes there or begins to. */
async function endAlone(storage: Storage, path: string): Promise<RepairedFile> {
  const outputDir = outputDirectoryOf(storage, path);
  if (outputDir === undefined) return end(storage, path);
  const processes = systemProcesses(storage);
  const attempt = await takeDirectoryLock({ storage, outputDir, processes, clock: systemClock });
  if (attempt.kind === 'held') {
    const holder = `${outputDir} is in use by process ${attempt.holder.pid}`;
    const problem = `may be being written: ${holder}: stop it first, or repair a copy`;
    return { path, action: 'held', problem };
  }
  try {
    return end(storage, path);
  } finally {
    attempt.lock.release();
  }
}

/** Looks once more: before the lock was taken the file may have changed. */
function end(storage: Storage, path: string): RepairedFile {
  const plan = withFile(storage, path, 'update', (file) => {
    const found = planRepair(storage, file);
    if (found.action === 'end') endSegment(storage, file, found);
    return found;
  });
  return told(path, plan);
}

function told(path: string, plan: RepairPlan): RepairedFile {
  if (plan.action !== 'refuse') return { path, action: plan.action, plan };
  return { path, action: 'failed', problem: `${plan.why}: it is left as it is` };
}

function withFile<T>(
  storage: Storage,
  path: string,
  mode: OpenMode,
  use: (file: ReturnType<Storage['open']>) => T,
): T {
  const file = storage.open(path, mode);
  try {
    return use(file);
  } finally {
    storage.close(file);
  }
}
