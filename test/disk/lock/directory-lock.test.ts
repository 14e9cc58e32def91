/** Only one recorder holds a directory, whatever the other recorders do and however they end. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  type DirectoryLock,
  directoryHolder,
  holderText,
  type LockOptions,
  takeDirectoryLock,
} from '../../../src/disk/lock/directory-lock.ts';
import { isLockMissing, type LockPorts } from '../../../src/disk/lock/lock-file.ts';
import type { ProcessTable } from '../../../src/disk/lock/process-identity.ts';
import { nodeStorage, type Storage } from '../../../src/disk/storage.ts';
import { ManualClock } from '../../../src/shared/clock.ts';
import { seededRandom, type TestRandom } from '../../random.ts';
import { FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';
import { fakeBootId, fakeIdentity, fakeProcesses } from './fake-processes.ts';
import { type LockThreadStart, type LockThreadTask, turnState } from './lock-thread.ts';

const newFolder = temporaryFolders();
const ports: LockPorts = { grpc: 4317, http: 4318, dashboard: 8080 };
const lease = '6f1d3c0e-5b0b-4c61-8d0e-1f7d6b0a9e55';

const one = fakeProcesses(1, new Set([1, 2]));
const two = fakeProcesses(2, new Set([1, 2]));
const twoAlone = fakeProcesses(2, new Set([2]));
/** Sees no other process, as in a container or on a machine of its own. */
const elsewhere: ProcessTable = { own: { ...two.own, host: 'web-2' }, stateOf: () => 'unknown' };

function lockAt(outputDir: string): string {
  return join(outputDir, '.archer', 'lock');
}

function writeLock(outputDir: string, content: string): void {
  mkdirSync(join(outputDir, '.archer'), { recursive: true });
  writeFileSync(lockAt(outputDir), content);
}

/** The content of a lock file. */
function lockText({ pid = 1, startTime = '1001', bootId = fakeBootId } = {}): string {
  const identity = { lease, pid, start_time: startTime, boot_id: bootId };
  const rest = { pid_namespace: '4026531836', host: 'machine', ports };
  return `${JSON.stringify({ ...identity, ...rest })}\n`;
}

/** Counts the time that the attempt sleeps, and runs an action at each sleep. */
class Sleeper {
  ms = 0;
  readonly #onSleep: () => void;

  constructor(onSleep: () => void = () => {}) {
    this.#onSleep = onSleep;
  }

  readonly sleep = async (ms: number): Promise<void> => {
    this.ms += ms;
    this.#onSleep();
  };
}

function take(outputDir: string, processes: ProcessTable, options: Partial<LockOptions> = {}) {
  const clock = new ManualClock(1_000_000);
  return takeDirectoryLock({ storage: nodeStorage, outputDir, processes, clock, ...options });
}

async function taken(
  outputDir: string,
  processes: ProcessTable,
  options: Partial<LockOptions> = {},
): Promise<DirectoryLock> {
  const attempt = await take(outputDir, processes, options);
  assert.ok(attempt.kind === 'taken');
  return attempt.lock;
}

/** The disk, with an action before each call. */
function interrupted(before: () => void): Storage {
  return new Proxy(nodeStorage, {
    get: (storage, name: keyof Storage) => {
      before();
      return storage[name];
    },
  });
}

/** Returns the pid in the lock; undefined if there is none. */
function pidIn(outputDir: string): number | undefined {
  if (isLockMissing(nodeStorage, outputDir)) return undefined;
  return JSON.parse(readFileSync(lockAt(outputDir), 'utf8')).pid;
}

describe('directory lock', () => {
  it('taken: the file names the process, and the ports once they are open', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    const read = () => JSON.parse(readFileSync(lockAt(outputDir), 'utf8'));
    const { lease: own, ...identity } = read();
    assert.match(own, /^[0-9a-f-]{36}$/);
    assert.deepEqual(identity, {
      ...{ pid: 1, start_time: '1001', boot_id: fakeBootId },
      ...{ pid_namespace: '4026531836', host: 'machine', ports: null },
    });
    lock.setPorts(ports);
    assert.deepEqual(read(), { lease: own, ...identity, ports });
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), ['lock']);
  });

  it('a holder that runs: another is refused at once, and changes nothing', async () => {
    const outputDir = newFolder();
    (await taken(outputDir, one)).setPorts(ports);
    const text = readFileSync(lockAt(outputDir), 'utf8');
    const sleeper = new Sleeper();
    const attempt = await take(outputDir, two, sleeper);
    assert.ok(attempt.kind === 'held');
    const { lease: _, ...holder } = attempt.holder;
    assert.deepEqual(holder, { ...fakeIdentity(1), ports });
    assert.deepEqual(directoryHolder(nodeStorage, outputDir, two), attempt.holder);
    assert.equal(sleeper.ms, 0);
    assert.equal(readFileSync(lockAt(outputDir), 'utf8'), text);
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), ['lock']);
    assert.equal((await take(outputDir, one)).kind, 'held', 'also by the same process');
  });

  const stale: readonly (readonly [string, string])[] = [
    ['a dead holder', lockText()],
    ['a recycled pid, of another start', lockText({ pid: 2, startTime: '7' })],
    ['an empty lock', ''],
    ['zeros, as after a loss of power', '\0'.repeat(120)],
    ['half a lock', lockText({ pid: 2, startTime: '1002' }).slice(0, 40)],
    ['a lock that is no object', 'null'],
    ['a lock without a process', '{"pid":0,"start_time":"1000","boot_id":"x","ports":null}'],
    ['a lock with a pid that is none', lockText({ pid: -1 })],
    ['a lock that is far too long', `{"pid":2,"start_time":"${'0'.repeat(9000)}"}`],
  ];
  for (const [name, text] of stale) {
    it(`${name}: does not block, and nobody waits`, async () => {
      const outputDir = newFolder();
      writeLock(outputDir, text);
      assert.equal(directoryHolder(nodeStorage, outputDir, twoAlone), undefined);
      const sleeper = new Sleeper();
      assert.equal((await take(outputDir, twoAlone, sleeper)).kind, 'taken');
      assert.equal(directoryHolder(nodeStorage, outputDir, one)?.pid, 2);
      assert.equal(sleeper.ms, 0);
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
      assert.equal((await take(outputDir, two, { storage })).kind, 'held', `call ${rewriteCall}`);
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
    lock.restore();
    lock.release();
    assert.deepEqual(directoryHolder(nodeStorage, outputDir, one)?.ports, null);
    assert.equal(pidIn(outputDir), 2);
  });

  it('the folder is deleted while it is held: restore and setPorts write it again', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    const text = readFileSync(lockAt(outputDir), 'utf8');
    rmSync(join(outputDir, '.archer'), { recursive: true });
    assert.equal(isLockMissing(nodeStorage, outputDir), true);
    lock.restore();
    assert.equal(readFileSync(lockAt(outputDir), 'utf8'), text);
    rmSync(join(outputDir, '.archer'), { recursive: true });
    lock.setPorts(ports);
    assert.equal((await take(outputDir, two)).kind, 'held');
    rmSync(join(outputDir, '.archer'), { recursive: true });
    lock.release();
  });

  it('a ticket of a dead process: is removed after 3 s', async () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, '.archer'));
    writeFileSync(join(outputDir, '.archer', `lock.${lease}`), '');
    const sleeper = new Sleeper();
    await taken(outputDir, twoAlone, sleeper);
    assert.ok(sleeper.ms >= 2_985 && sleeper.ms < 10_000, `${sleeper.ms}`);
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), ['lock']);
  });

  it('a ticket of a live process that gives way: is waited for', async () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, '.archer'));
    const ticket = join(outputDir, '.archer', `lock.${lease}`);
    writeFileSync(ticket, '');
    const sleeper = new Sleeper(() => rmSync(ticket));
    await taken(outputDir, two, sleeper);
    assert.ok(sleeper.ms < 50);
  });

  it('a disk that fails: throws, and leaves no ticket that would block the next', async () => {
    for (const operation of ['write', 'syncData', 'rename', 'syncFolder'] as const) {
      const outputDir = newFolder();
      const storage = new FaultStorage();
      storage.failOnce(operation, 'ENOSPC');
      await assert.rejects(take(outputDir, one, { storage }), { code: 'ENOSPC' });
      const names = readdirSync(join(outputDir, '.archer'));
      assert.ok(!names.some((name) => /^lock\.[0-9a-f]/.test(name)), names.join());
      assert.equal((await take(outputDir, twoAlone)).kind, 'taken', operation);
    }
  });

  it('a lock that may not be read: throws, because its holder is not known', async () => {
    const outputDir = newFolder();
    writeLock(outputDir, lockText());
    const storage = new FaultStorage();
    storage.failOnce('open', 'EACCES');
    await assert.rejects(take(outputDir, two, { storage }), { code: 'EACCES' });
  });

  it('holderText: names the process, another host, and the first listener', () => {
    const holder = { ...fakeIdentity(1234), lease };
    const text = (some: LockPorts | null, host = '') =>
      holderText({ ...holder, ports: some, host });
    assert.equal(text(ports), '1234 (OTLP/HTTP on port 4318)');
    assert.equal(text({ ...ports, http: null }), '1234 (OTLP/gRPC on port 4317)');
    assert.equal(text({ grpc: null, http: null, dashboard: 1 }), '1234 (dashboard on port 1)');
    assert.equal(text(null), '1234');
    assert.equal(text(null, 'web-9'), '1234 on host web-9');
  });
});

describe('directory lock, a holder whose process cannot be seen', () => {
  /** Changes the modification time, as a renewal does. */
  function renew(outputDir: string): void {
    const { mtimeMs } = statSync(lockAt(outputDir));
    utimesSync(lockAt(outputDir), mtimeMs / 1000 + 1, mtimeMs / 1000 + 1);
  }

  it('a lock that is renewed: is watched, and another is refused, naming the holder', async () => {
    const outputDir = newFolder();
    (await taken(outputDir, one)).setPorts(ports);
    let looks = 0;
    const sleeper = new Sleeper(() => {
      looks += 1;
      if (looks === 11) renew(outputDir);
    });
    const attempt = await take(outputDir, elsewhere, sleeper);
    assert.ok(attempt.kind === 'held');
    assert.deepEqual([attempt.holder.pid, attempt.holder.ports], [1, ports]);
    assert.equal(sleeper.ms, 2_750);
    assert.equal(pidIn(outputDir), 1);
  });

  it('a lock that does not change for 3 s: is taken; a renewal in time to spare is left', async () => {
    const outputDir = newFolder();
    writeLock(outputDir, lockText({ bootId: 'another machine' }));
    const sleeper = new Sleeper();
    await taken(outputDir, two, sleeper);
    assert.equal(sleeper.ms, 3_000 + 1_500);
    assert.equal(pidIn(outputDir), 2);
  });

  it('a lock that is released while it is watched: is taken at once', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    const sleeper = new Sleeper(() => lock.release());
    await taken(outputDir, elsewhere, sleeper);
    assert.ok(sleeper.ms < 1_000, `${sleeper.ms}`);
  });

  it('taken again by a third while the new holder waits: is refused', async () => {
    const outputDir = newFolder();
    writeLock(outputDir, lockText({ bootId: 'another machine' }));
    const sleeper = new Sleeper(() => {
      if (pidIn(outputDir) === 2) writeLock(outputDir, lockText({ pid: 3 }));
    });
    const attempt = await take(outputDir, two, sleeper);
    assert.equal(attempt.kind === 'held' && attempt.holder.pid, 3);
  });
});

describe('directory lock, renewal', () => {
  it('each renewal: changes the modification time, and only that', async () => {
    const outputDir = newFolder();
    const clock = new ManualClock(1_700_000_000_000);
    const lock = await taken(outputDir, one, { clock });
    const text = readFileSync(lockAt(outputDir), 'utf8');
    for (let round = 0; round < 3; round++) {
      clock.advance(1_000);
      await lock.renew();
      assert.equal(statSync(lockAt(outputDir)).mtimeMs, clock.unixMs());
    }
    assert.equal(readFileSync(lockAt(outputDir), 'utf8'), text);
    lock.release();
  });

  it('a second after it was taken: is renewed without being asked', async () => {
    const outputDir = newFolder();
    // A timer of the test keeps the process alive, because the lock does not.
    const alive = setInterval(() => {}, 60_000);
    await new Promise<void>((resolve) => {
      const touch = async () => {
        resolve();
        return true;
      };
      void taken(outputDir, one, { touch });
    });
    clearInterval(alive);
  });

  it('a lock that another has replaced: is lost, reported once, and left to the other', async () => {
    const outputDir = newFolder();
    const lost: number[] = [];
    const lock = await taken(outputDir, one, { onLost: ({ pid }) => lost.push(pid) });
    const other = lockText({ pid: 2, startTime: '1002' });
    writeLock(outputDir, other);
    await lock.renew();
    await lock.renew();
    lock.setPorts(ports);
    lock.restore();
    lock.release();
    assert.deepEqual(lost, [2]);
    assert.equal(readFileSync(lockAt(outputDir), 'utf8'), other);
  });

  it('a lock that somebody removed or damaged: is written again', async () => {
    const outputDir = newFolder();
    const lock = await taken(outputDir, one);
    const text = readFileSync(lockAt(outputDir), 'utf8');
    for (const damage of [() => writeLock(outputDir, ''), () => rmSync(lockAt(outputDir))]) {
      damage();
      await lock.renew();
      assert.equal(readFileSync(lockAt(outputDir), 'utf8'), text);
    }
    lock.release();
  });

  it('a disk that fails or is full: the lease is kept', async () => {
    const outputDir = newFolder();
    const lost: number[] = [];
    const touch = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    const lock = await taken(outputDir, one, { touch, onLost: ({ pid }) => lost.push(pid) });
    await lock.renew();
    assert.deepEqual([lost, pidIn(outputDir)], [[], 1]);
    lock.release();
    assert.equal(pidIn(outputDir), undefined);
  });

  it('a disk that hangs: gets one call, and blocks nothing', async () => {
    const outputDir = newFolder();
    let calls = 0;
    const touch = () => {
      calls += 1;
      return new Promise<boolean>(() => {});
    };
    const lock = await taken(outputDir, one, { touch });
    for (let round = 0; round < 5; round++) void lock.renew();
    assert.equal(calls, 1);
    lock.release();
  });
});

describe('directory lock, call by call', () => {
  const threadCount = 3;
  const roundCount = 100;
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

  /** Runs one attempt per thread, with their calls in random order. */
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
      // Usually the same thread continues: most faults need one thread to make many calls between
      // two calls of another thread.
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
      const callsMax = threads.map(() =>
        random.below(4) === 0 ? random.below(40) : Number.POSITIVE_INFINITY,
      );
      const results = await runSchedule(outputDir, callsMax, random);
      const takenCount = results.filter((result) => result === 'taken').length;
      assert.ok(takenCount <= 1, `round ${round}: ${results.join(', ')}`);
      for (const result of results) counts[result as keyof typeof counts]++;
      const living = new Set([
        9,
        ...results.flatMap((result, index) => (result === 'killed' ? [] : [index + 1])),
      ]);
      const last = await take(outputDir, fakeProcesses(9, living), new Sleeper());
      assert.equal(last.kind, takenCount === 1 ? 'held' : 'taken', `round ${round}`);
      rmSync(outputDir, { recursive: true });
    }
    assert.equal(counts.taken + counts.held + counts.killed, roundCount * threadCount);
    assert.ok(Math.min(...Object.values(counts)) > 10, JSON.stringify(counts));
  });
});

/** A process that runs lock-process.ts. */
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

  /** Empty after the process has ended. */
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

  /**
   * All processes try in the same millisecond: one takes the lock, and the others report its pid.
   */
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
