/** One export from its plan to its summary: what is read, where it goes, how it ends. */

import type { Storage } from '../../disk/storage.ts';
import type { ArchiveReader } from '../../query/archive-reader.ts';
import type { RowFilter } from '../../query/row-filter.ts';
import { type Problem, problem } from '../../shared/errors.ts';
import type { Signal } from '../../shared/signal.ts';
import { exitCode } from '../process/exit-code.ts';
import { printProblems } from '../terminal/print-problems.ts';
import { openProgress, type Progress } from '../terminal/reading-progress.ts';
import { type ExportFormat, exportFormats } from './export-format.ts';
import { type ExportPlace, pathOf, placeOf, placeProblem } from './export-place.ts';
import { type ExportedFile, exportJson, FaultList, fileLine } from './export-report.ts';
import type { ExportOptions } from './export-settings.ts';
import { ExportSource } from './export-source.ts';
import { type ExportTarget, openFileTarget, StreamTarget } from './export-target.ts';

export interface ExportRunOptions {
  readonly storage: Storage;
  readonly reader: ArchiveReader;
  readonly options: ExportOptions;
  readonly selection: { readonly signals: readonly Signal[]; readonly filter: RowFilter };
}

export class ExportRun {
  readonly #run: ExportRunOptions;
  readonly #format: ExportFormat;
  readonly #place: ExportPlace;
  readonly #faults = new FaultList();
  readonly #files: ExportedFile[] = [];
  #stopCode: number | undefined;

  constructor(run: ExportRunOptions) {
    this.#run = run;
    this.#format = exportFormats[run.options.format];
    this.#place = placeOf(run.storage, run.options.output);
  }

  /** Ends it before its time, with this exit code; the file that is being written goes. */
  stop(code: number): void {
    this.#stopCode = code;
  }

  /** Gives back the exit code. */
  async run(): Promise<number> {
    const { reader, selection } = this.#run;
    const plans = selection.signals.map((signal) => reader.plan(signal, selection.filter));
    const bytes = plans.reduce((sum, plan) => sum + plan.bytes, 0);
    const progress = openProgress(bytes, process.stderr);
    const onFault = this.#faults.add.bind(this.#faults);
    const sources = plans.map((plan) => {
      return new ExportSource({ reader, plan, onFault, onBytes: progress.add });
    });
    try {
      return await this.#export(sources, progress);
    } finally {
      progress.close();
      for (const source of sources) await source.close();
    }
  }

  async #export(sources: readonly ExportSource[], progress: Progress): Promise<number> {
    const { storage, options } = this.#run;
    const wanted = await this.#withRows(sources);
    const wantedSignals = wanted.map(({ signal }) => signal);
    const mayReplace = options.force === true;
    const { ending } = this.#format;
    const found = placeProblem(storage, this.#place, wantedSignals, ending, mayReplace);
    if (found !== undefined) {
      progress.close();
      printProblems([found], options.json);
      const isUsage = found.code === 'ERR_ARCHER_OUTPUT_TAKES_ONE_SIGNAL';
      return isUsage ? exitCode.usage : exitCode.fault;
    }
    let failure: Problem | undefined;
    for (const source of wanted) {
      failure ??= await this.#write(source);
      if (this.#stopCode !== undefined) return this.#stopCode;
    }
    progress.close();
    this.#report(failure);
    const isWhole = failure === undefined && this.#faults.count === 0;
    return isWhole ? exitCode.done : exitCode.fault;
  }

  /** A signal that was asked for gets its file, rows or not. */
  async #withRows(sources: readonly ExportSource[]): Promise<ExportSource[]> {
    if (this.#run.options.signal !== undefined) return [...sources];
    const found: ExportSource[] = [];
    for (const source of sources) if (await source.hasRows()) found.push(source);
    return found;
  }

  /** Gives back why it could not be written, if so. */
  async #write(source: ExportSource): Promise<Problem | undefined> {
    const path = pathOf(this.#place, source.signal, this.#format.ending);
    let target: ExportTarget | undefined;
    try {
      target = this.#openTarget(path);
      for await (const piece of this.#format.encode(source)) {
        if (this.#stopCode !== undefined) break;
        await target.write(piece);
      }
      if (this.#stopCode !== undefined) return undefined;
      await target.finish();
      const { signal, rows, requests } = source;
      this.#files.push({ signal, path, rows, requests, bytes: target.bytes });
      return undefined;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      const facts = { path: path ?? 'standard output', reason: message };
      return problem('ERR_ARCHER_OUTPUT_UNWRITABLE', facts);
    } finally {
      target?.abandon();
    }
  }

  #openTarget(path: string | undefined): ExportTarget {
    if (path === undefined) return new StreamTarget(process.stdout);
    if (this.#place.kind === 'folder') this.#run.storage.makeFolder(this.#place.path);
    return openFileTarget(this.#run.storage, path);
  }

  /** Beside data on standard output the summary goes to standard error. */
  #report(failure: Problem | undefined): void {
    const { json, format } = this.#run.options;
    const print = this.#place.kind === 'stdout' ? console.error : console.log;
    if (json === true) print(exportJson(format, this.#files, this.#faults));
    else for (const file of this.#files) print(fileLine(file));
    const isEmpty = this.#files.length === 0 && failure === undefined;
    if (isEmpty && json !== true) print('0 rows: nothing was written');
    printProblems(this.#faults.problems(), json);
    if (failure !== undefined) printProblems([failure], json);
  }
}
