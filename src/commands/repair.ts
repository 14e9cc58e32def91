/** `archer repair`: cuts the torn tail of segments and ends their streams. */
import { Command } from 'commander';
import { endSegment, planRepair, type RepairPlan } from '../disk/check/segment-repair.ts';
import { holderText, takeDirectoryLock } from '../disk/lock/directory-lock.ts';
import { systemProcesses } from '../disk/lock/process-identity.ts';
import { nodeStorage, type OpenMode, type Storage } from '../disk/storage.ts';
import { systemClock } from '../shared/clock.ts';
import { problem } from '../shared/errors.ts';
import { outputDirectoryOf } from './options/output-directory.ts';
import { exitCode } from './process/exit-code.ts';
import { type RepairedFile, repairLines, toJson } from './repair/repair-report.ts';
import { printProblems } from './terminal/print-problems.ts';

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
  const hint = 'Name a segment.';
  const problems = missing.map((path) => problem('ERR_ARCHER_INPUT_MISSING', { path, hint }));
  printProblems(problems, asJson);
  if (missing.length > 0) return exitCode.usage;
  const files: RepairedFile[] = [];
  for (const path of paths) files.push(await repairFile(storage, path));
  if (asJson) console.log(toJson(files));
  else for (const line of files.flatMap(repairLines)) console.log(line);
  printProblems(
    files.flatMap((file) => file.problem ?? []),
    asJson,
  );
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
    const facts = { path, reason: message };
    return { path, action: 'failed', problem: problem('ERR_ARCHER_REPAIR_FAILED', facts) };
  }
}

/** Under the lock of the directory, so that no recorder writes there or begins to. */
async function endAlone(storage: Storage, path: string): Promise<RepairedFile> {
  const outputDir = outputDirectoryOf(storage, path);
  if (outputDir === undefined) return end(storage, path);
  const processes = systemProcesses(storage);
  const attempt = await takeDirectoryLock({ storage, outputDir, processes, clock: systemClock });
  if (attempt.kind === 'held') {
    const facts = { path, directory: outputDir, holder: holderText(attempt.holder) };
    return { path, action: 'held', problem: problem('ERR_ARCHER_SEGMENT_IN_USE', facts) };
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
  const facts = { path, reason: plan.why };
  return { path, action: 'failed', problem: problem('ERR_ARCHER_REPAIR_REFUSED', facts) };
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
