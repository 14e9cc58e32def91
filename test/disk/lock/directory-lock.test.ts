/** One recorder for one directory, whatever the others are at and however they end. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  directoryHolder,
  holderText,
  isLockMissing,
  type LockPorts,
  takeDirectoryLock,
} from '../../../src/disk/lock/directory-lock.ts';
import type { ProcessTable } from '../../../src/disk/lock/process-identity.ts';
import { nodeStorage, type Storage } from '../../../src/disk/storage.ts';
import { ManualClock, systemClock } from '../../../src/shared/clock.ts';
import { seededRandom, type TestRandom } from '../../random.ts';
import { FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';
import { fakeBootId, fakeIdentity, fakeProcesses } from './fake-processes.ts';
import { type LockThreadStart, type LockThreadTask, turnState } from './lock-thread.ts';

const newFolder = temporaryFolders();
const ports: LockPorts = { grpc: 4317, http: 4318, dashboard: 8080 };

function take(outputDir: string, processes: ProcessTable, storage: Storage = nodeStorage) {
  return takeDirectoryLock({ storage, outputDir, processes, clock: systemClock });
}

async function taken(outputDir: string, processes: ProcessTable) {
  const attempt = await take(outputDir, processes);
  assert.ok(attempt.kind === 'taken');
  return attempt.lock;
}

function writeLock(outputDir: string, content: string): void {
  mkdirSync(join(outputDir, '.archer'), { recursive: true });
  writeFileSync(join(outputDir, '.archer', 'lock'), content);
}

/** The disk, with something to be done before each call. */
function interrupted(before: () => void): Storage {
  return new Proxy(nodeStorage, {
    get: (storage, name: keyof Storage) => {
      before();
      return storage[name];
    },
  });
}

/** As it lies in the file. */
function lockText({ pid = 1, startTime = '1001', bootId = fakeBootId } = {}): string {
  return `${JSON.stringify({ pid, start_time: startTime, boot_id: bootId, ports })}\n`;
}

const one = fakeProcesses(1, new Set([1, 2]));
const two = fakeProcesses(2, new Set([1, 2]));
const twoAlone = fakeProcesses(2, new Set([2]));

describe('directory lock', () => {
  it('taken: the file says who, and which ports once they are open', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    const path = join(outputDir, '.archer', 'lock');
    const identity = { pid: 1, start_time: '1001', boot_id: fakeBootId };
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { ...identity, ports: null });
    lock.setPorts(ports);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { ...identity, ports });
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), ['lock']);
  });

  it('a live holder: another is told who and which ports, and changes nothing', async () => {
    const outputDir = newFolder();
    (await taken(outputDir, one)).setPorts(ports);
    const text = readFileSync(join(outputDir, '.archer', 'lock'), 'utf8');
    const holder = { ...fakeIdentity(1), ports };
    assert.deepEqual(await take(outputDir, two), { kind: 'held', holder });
    assert.deepEqual(directoryHolder(nodeStorage, outputDir, two), holder);
    assert.equal(readFileSync(join(outputDir, '.archer', 'lock'), 'utf8'), text);
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), ['lock']);
  });

  it('the same process twice: is held by itself', async () => {
    const outputDir = newFolder();
    await taken(outputDir, one);
    const attempt = await take(outputDir, one);
    assert.equal(attempt.kind, 'held');
  });

  const stale: readonly (readonly [string, string])[] = [
    ['a dead holder', lockText()],
    ['another boot', lockText({ pid: 2, startTime: '1002', bootId: 'another' })],
    ['a recycled pid, of another start', lockText({ pid: 2, startTime: '7' })],
    ['an empty lock', ''],
    ['zeros, as after a loss of power', '\0'.repeat(120)],
    ['half a lock', lockText({ pid: 2, startTime: '1002' }).slice(0, 40)],
    ['a lock that is no object', 'null'],
    ['a lock without a process', '{"pid":0,"start_time":"1000","boot_id":"x","ports":null}'],
    ['a lock with a pid that is none', '{"pid":-1,"start_time":"999","boot_id":"x"}'],
    ['a lock that is far too long', `{"pid":2,"start_time":"${'0'.repeat(9000)}"}`],
  ];
  for (const [name, text] of stale) {
    it(`${name}: does not block`, async () => {
      const outputDir = newFolder();
      writeLock(outputDir, text);
      assert.equal(directoryHolder(nodeStorage, outputDir, twoAlone), undefined);
      assert.equal((await take(outputDir, twoAlone)).kind, 'taken');
      assert.equal(directoryHolder(nodeStorage, outputDir, one)?.pid, 2);
    });
  }

  it('the holder rewrites it between two calls of another: that one sees it whole', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    for (let rewriteCall = 0, calls = 0; rewriteCall <= calls; rewriteCall++) {
      lock.setPorts({ grpc: 1, http: 2, dashboard: 3 });
      calls = 0;
      const storage = interrupted(() => {
        if (calls++ === rewriteCall) lock.setPorts(ports);
      });
      assert.equal((await take(outputDir, two, storage)).kind, 'held', `call ${rewriteCall}`);
    }
  });

  it('no directory: is made; no lock: nobody holds it', async () => {
    const outputDir = join(newFolder(), 'not', 'yet');
    assert.equal(directoryHolder(nodeStorage, outputDir, one), undefined);
    await taken(outputDir, one);
    assert.equal(directoryHolder(nodeStorage, outputDir, two)?.pid, 1);
  });

  it('released: the next one takes it, and the old lock does nothing any more', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    lock.release();
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), []);
    await taken(outputDir, two);
    lock.setPorts(ports);
    lock.release();
    assert.deepEqual(directoryHolder(nodeStorage, outputDir, one), {
      ...fakeIdentity(2),
      ports: null,
    });
  });

  it('the folder is deleted while it is held: telling the ports makes it anew', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    rmSync(join(outputDir, '.archer'), { recursive: true });
    lock.setPorts(ports);
    assert.equal((await take(outputDir, two)).kind, 'held');
    rmSync(join(outputDir, '.archer'), { recursive: true });
    lock.release();
  });

  it('the file is deleted while it is held: restore writes it again, and else nothing', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    lock.setPorts(ports);
    const path = join(outputDir, '.archer', 'lock');
    assert.equal(isLockMissing(nodeStorage, outputDir), false);
    rmSync(path);
    assert.equal(isLockMissing(nodeStorage, outputDir), true);
    assert.equal(lock.restore(ports), undefined);
    assert.equal(readFileSync(path, 'utf8'), lockText());
    assert.equal(lock.restore(null), undefined);
    assert.equal(readFileSync(path, 'utf8'), lockText(), 'what is there is left as it is');
    lock.release();
    assert.equal(lock.restore(ports), undefined);
    assert.equal(isLockMissing(nodeStorage, outputDir), true);
  });

  it('taken by another after the file was deleted: restore names them and leaves it', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    rmSync(join(outputDir, '.archer'), { recursive: true });
    await taken(outputDir, two);
    assert.equal(lock.restore(ports)?.pid, 2);
    assert.equal(directoryHolder(nodeStorage, outputDir, one)?.pid, 2);
    const seenByOneAlone = await taken(newFolder(), one);
    assert.equal(seenByOneAlone.restore(null), undefined);
  });

  it('taken by another after the folder was deleted: release leaves it to them', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    rmSync(join(outputDir, '.archer'), { recursive: true });
    await taken(outputDir, two);
    lock.release();
    assert.equal(directoryHolder(nodeStorage, outputDir, one)?.pid, 2);
  });

  it('a ticket of a dead process: is cleared away', async () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, '.archer'));
    for (const name of ['lock.1.1001.x', 'lock.2.999.', `lock.1.1001.${fakeBootId}`]) {
      writeFileSync(join(outputDir, '.archer', name), '');
    }
    await taken(outputDir, twoAlone);
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), ['lock']);
  });

  it('a ticket of a live process that never moves: is given up in the end, naming it', async () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, '.archer'));
    const ticket = `lock.1.1001.${fakeBootId}`;
    writeFileSync(join(outputDir, '.archer', ticket), '');
    const clock = new ManualClock(0);
    const waiting = takeDirectoryLock({ storage: nodeStorage, outputDir, processes: two, clock });
    clock.advance(60_000);
    assert.deepEqual(await waiting, { kind: 'held', holder: { ...fakeIdentity(1), ports: null } });
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), [ticket]);
  });

  it('a ticket of a live process that gives way: is waited for', async () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, '.archer'));
    const ticket = join(outputDir, '.archer', `lock.1.1001.${fakeBootId}`);
    writeFileSync(ticket, '');
    const waiting = take(outputDir, two);
    rmSync(ticket);
    assert.equal((await waiting).kind, 'taken');
  });

  it('a disk that fails: throws, and leaves no ticket that would block the next', async () => {
    for (const operation of ['write', 'syncData', 'rename', 'syncFolder'] as const) {
      const outputDir = newFolder();
      const storage = new FaultStorage();
      storage.failOnce(operation, 'ENOSPC');
      await assert.rejects(take(outputDir, one, storage), { code: 'ENOSPC' });
      assert.equal(
        readdirSync(join(outputDir, '.archer')).some((name) => /^lock\.\d/.test(name)),
        false,
      );
      assert.equal((await take(outputDir, twoAlone)).kind, 'taken', operation);
    }
  });

  it('a lock that may not be read: throws, as nobody knows who holds it', async () => {
    const outputDir = newFolder();
    writeLock(outputDir, lockText());
    const storage = new FaultStorage();
    storage.failOnce('open', 'EACCES', { callsBefore: 1 });
    await assert.rejects(take(outputDir, two, storage), { code: 'EACCES' });
  });

  it('holderText: names the process and its first listener', () => {
    const holder = { ...fakeIdentity(1234), ports };
    const text = (some: LockPorts | null) => holderText({ ...holder, ports: some });
    assert.equal(text(ports), '1234 (OTLP/HTTP on port 4318)');
    assert.equal(text({ ...ports, http: null }), '1234 (OTLP/gRPC on port 4317)');
    assert.equal(text({ grpc: null, http: null, dashboard: 1 }), '1234 (dashboard on port 1)');
    assert.equal(text(null), '1234');
  });
});

describe('directory lock, call by call', () => {
  const threadCount = 3;
  const roundCount = 300;
  const turns = new SharedArrayBuffer(4 * threadCount);
  const running = new SharedArrayBuffer(4 * threadCount);
  const threads: Worker[] = [];

  before(() => {
    const path = fileURLToPath(new URL('./lock-thread.js', import.meta.url));
    for (let index = 0; index < threadCount; index++) {
      const start: LockThreadStart = { index, turns, running };
      threads.push(new Worker(path, { workerData: start }));
    }
  });

  after(() => Promise.all(threads.map((thread) => thread.terminate())));

  /** One attempt of each thread, their calls in random order. */
  async function runSchedule(outputDir: string, callsMax: readonly number[], random: TestRandom) {
    const states = new Int32Array(turns);
    states.fill(turnState.running);
    new Int32Array(running).fill(1);
    const results = threads.map(
      (thread) => new Promise<string>((resolve) => thread.once('message', resolve)),
    );
    for (const [index, thread] of threads.entries()) {
      const task: LockThreadTask = { outputDir, callsMax: callsMax[index] ?? 0 };
      thread.postMessage(task);
    }
    for (let next = -1; ; ) {
      for (const index of states.keys()) Atomics.wait(states, index, turnState.running);
      const waiting = [...states.keys()].filter((index) => states[index] === turnState.waiting);
      if (waiting.length === 0) return Promise.all(results);
      // Mostly the same one goes on: faults need one to do much between two calls of another.
      if (!waiting.includes(next) || random.below(6) === 0) {
        next = waiting[random.below(waiting.length)]!;
      }
      Atomics.store(states, next, turnState.running);
      Atomics.notify(states, next);
    }
  }

  it('three at once, some killed: never do two take it, and nothing stays in the way', async () => {
    const random = seededRandom();
    const counts = { taken: 0, held: 0, killed: 0 };
    for (let round = 0; round < roundCount; round++) {
      const outputDir = newFolder();
      const found = random.below(3);
      if (found === 1) writeLock(outputDir, lockText({ pid: 1, startTime: '5' }));
      if (found === 2) writeLock(outputDir, '{"pid":');
      const callsMax = threads.map(() => (random.below(4) === 0 ? random.below(24) : 1000));
      const results = await runSchedule(outputDir, callsMax, random);
      const takenCount = results.filter((result) => result === 'taken').length;
      assert.ok(takenCount <= 1, `round ${round}: ${results.join(', ')}`);
      for (const result of results) counts[result as keyof typeof counts]++;
      const living = new Set([
        9,
        ...results.flatMap((result, index) => (result === 'killed' ? [] : [index + 1])),
      ]);
      const last = await take(outputDir, fakeProcesses(9, living));
      assert.equal(last.kind, takenCount === 1 ? 'held' : 'taken', `round ${round}`);
      rmSync(outputDir, { recursive: true });
    }
    assert.equal(counts.taken + counts.held + counts.killed, roundCount * threadCount);
    assert.ok(Math.min(...Object.values(counts)) > 30, JSON.stringify(counts));
  });
});

/** A process of lock-process.ts. */
class Contender {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #gone: Promise<unknown>;

  constructor(outputDir: string) {
    const path = fileURLToPath(new URL('./lock-process.js', import.meta.url));
    this.child = spawn(process.execPath, [path, outputDir], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.#lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.child.pid!;
  }

  async say(command: string): Promise<string> {
    this.child.stdin!.write(`${command}\n`);
    return this.hear();
  }

  /** '' once it has ended. */
  async hear(): Promise<string> {
    return (await this.#lines.next()).value ?? '';
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#gone;
  }
}

describe('directory lock, among processes', () => {
  const outputDir = newFolder();
  let contenders: Contender[] = [];

  before(async () => {
    contenders = Array.from({ length: 20 }, () => new Contender(outputDir));
    for (const contender of contenders) assert.equal(await contender.hear(), 'ready');
  });

  after(() => Promise.all(contenders.map((contender) => contender.kill())));

  /** All try in the same millisecond: one takes it, and the others name it. */
  async function race(): Promise<Contender> {
    const start = Date.now() + 30;
    const answers = await Promise.all(
      contenders.map((contender) => contender.say(`take ${start}`)),
    );
    const winners = contenders.filter((_, index) => answers[index] === 'taken');
    assert.equal(winners.length, 1, answers.join(', '));
    const [winner] = winners;
    const others = answers.filter((answer) => answer !== 'taken');
    assert.deepEqual(new Set(others), new Set([`held ${winner!.pid}`]));
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), ['lock']);
    return winner!;
  }

  it('twenty race for it, again and again: exactly one takes it each time', async () => {
    for (const left of ['', 'damaged', lockText(), '']) {
      if (left !== '') writeLock(outputDir, left);
      const winner = await race();
      assert.equal(await winner.say('release'), 'released');
    }
  });

  it('the holder rewrites it meanwhile: nobody else takes it', async () => {
    const holder = await race();
    const others = contenders.filter((contender) => contender !== holder);
    const told = holder.say('ports');
    const answers = await Promise.all(others.map((other) => other.say('take')));
    assert.equal(await told, 'told');
    assert.deepEqual(new Set(answers), new Set([`held ${holder.pid}`]));
    assert.equal(await holder.say('release'), 'released');
  });

  it('the holder is killed: the others race on, and one takes it', async () => {
    for (let round = 0; round < 2; round++) {
      const holder = await race();
      await holder.kill();
      contenders = contenders.filter((contender) => contender !== holder);
    }
    await (await race()).say('release');
  });

  it('some are killed in the middle of the race: one takes it in the end, never two', async () => {
    const random = seededRandom();
    for (let round = 0; round < 3; round++) {
      const start = Date.now() + 20;
      const answers = contenders.map((contender) => contender.say(`take ${start}`));
      const victims = contenders.slice(0, 3);
      await new Promise((resolve) => setTimeout(resolve, 20 + random.below(8)));
      await Promise.all(victims.map((victim) => victim.kill()));
      const living = (await Promise.all(answers)).slice(3);
      contenders = contenders.slice(3);
      const winners = contenders.filter((_, index) => living[index] === 'taken');
      assert.ok(winners.length <= 1, living.join(', '));
      for (const winner of winners) await winner.say('release');
      await (await race()).say('release');
    }
  });
});
