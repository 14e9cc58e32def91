/**
 * Loaded into a recorder before any other module. Ends it by SIGKILL at a chosen call of node:fs.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { KillPoint } from './kill-point.ts';

const text = process.env['ARCHER_KILL_POINT'];
const point: KillPoint | undefined = text === undefined ? undefined : JSON.parse(text);

/** The path of each open file, by its descriptor. */
const paths = new Map<number, string>();
/** Matching calls in this thread. A restarted worker counts from 0 again. */
let matchCount = 0;

function isDue(call: KillPoint['call'], path: string, bytes = 0, start = ''): boolean {
  if (point === undefined || point.call !== call || !new RegExp(point.path).test(path))
    return false;
  if (point.bytes !== undefined && point.bytes !== bytes) return false;
  if (point.startsWith !== undefined && !start.startsWith(point.startsWith)) return false;
  if (point.armedBy !== undefined && !original.existsSync(point.armedBy)) return false;
  if (point.when === 'full') return original.existsSync(point.marker ?? '');
  matchCount += 1;
  return matchCount === point.nth;
}

/** No JavaScript runs in this thread meanwhile, so nothing but a signal can end it. */
function hang(): void {
  original.closeSync(original.openSync(point?.fifo ?? '', 'w'));
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal ends all threads. This thread must do nothing more until then.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

const original = { ...fs };

function startOf(view: NodeJS.ArrayBufferView | undefined): string {
  if (view === undefined) return '';
  const bytes = new Uint8Array(view.buffer, view.byteOffset, Math.min(4, view.byteLength));
  return String.fromCharCode(...bytes);
}

function diskIsFull(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

function throwUnlessMarked<T>(run: () => T): T {
  const marker = point?.marker;
  if (marker !== undefined) {
    if (original.existsSync(marker)) return run();
    original.writeFileSync(marker, '');
  }
  throw new Error('a defect, made for this test');
}

fs.openSync = (path, ...rest) => {
  const file = original.openSync(path, ...rest);
  paths.set(file, String(path));
  return file;
};

fs.writevSync = (file, views, position) => {
  const bytes = views.reduce((sum, view) => sum + view.byteLength, 0);
  if (!isDue('write', paths.get(file) ?? '', bytes, startOf(views[0]))) {
    return original.writevSync(file, views, position);
  }
  if (point?.when === 'hang') {
    hang();
    return original.writevSync(file, views, position);
  }
  if (point?.when === 'full') throw diskIsFull();
  if (point?.when === 'throw')
    return throwUnlessMarked(() => original.writevSync(file, views, position));
  if (point?.when === 'before') die();
  if (point?.when === 'middle') {
    const whole = Buffer.concat(views as Uint8Array[]);
    original.writeSync(file, whole, 0, Math.floor(bytes / 2), position ?? null);
  } else original.writevSync(file, views, position);
  die();
};

function around<Args extends unknown[]>(
  call: KillPoint['call'],
  run: (...args: Args) => void,
  pathOf: (...args: Args) => string,
): (...args: Args) => void {
  return (...args) => {
    const due = isDue(call, pathOf(...args));
    if (due && point?.when === 'before') die();
    if (due && point?.when === 'hang') hang();
    run(...args);
    if (due && point?.when !== 'hang') die();
  };
}

fs.fdatasyncSync = around('sync', original.fdatasyncSync, (file) => paths.get(file) ?? '');
fs.ftruncateSync = around('truncate', original.ftruncateSync, (file) => paths.get(file) ?? '');
fs.renameSync = around('rename', original.renameSync, (_from, to) => String(to));
fs.unlinkSync = around('remove', original.unlinkSync, (path) => String(path));
syncBuiltinESMExports();
