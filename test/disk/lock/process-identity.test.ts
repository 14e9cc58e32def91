/** Processes are told apart, and those that have ended do not count. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import {
  linuxFacts,
  macosFacts,
  type ProcessFacts,
  processTable,
  systemProcesses,
} from '../../../src/disk/lock/process-identity.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { FaultStorage } from '../fault-storage.ts';

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

function startProcess(): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  children.push(child);
  return child;
}

const facts: ProcessFacts = { startTime: (pid) => String(pid * 10), bootId: () => 'this' };

describe('process table', () => {
  const table = processTable(facts, 5, (pid) => pid < 8);

  it('its own process: pid, start and boot', () => {
    assert.deepEqual(table.own, { pid: 5, startTime: '50', bootId: 'this' });
  });

  it('a process runs: if boot, pid and start all match', () => {
    assert.equal(table.isRunning({ pid: 7, startTime: '70', bootId: 'this' }), true);
    assert.equal(table.isRunning({ pid: 7, startTime: '70', bootId: 'other' }), false);
    assert.equal(table.isRunning({ pid: 8, startTime: '80', bootId: 'this' }), false);
    assert.equal(table.isRunning({ pid: 7, startTime: '69', bootId: 'this' }), false);
  });

  it('a process that has ended and is not yet gone: does not run', () => {
    const zombies = processTable({ ...facts, startTime: () => undefined }, 5, () => true);
    assert.equal(zombies.isRunning({ pid: 7, startTime: '70', bootId: 'this' }), false);
  });

  it('a process that may not be looked at: counts as running', () => {
    const hidden = processTable({ ...facts, startTime: () => '' }, 5, () => true);
    assert.equal(hidden.isRunning({ pid: 7, startTime: '70', bootId: 'this' }), true);
    assert.equal(hidden.own.startTime, '');
  });
});

describe('system processes', () => {
  it('a child: runs until it is killed, and its parent runs all the time', async () => {
    const table = systemProcesses(nodeStorage);
    const child = startProcess();
    await once(child, 'spawn');
    const startTime = linuxFacts(nodeStorage).startTime(child.pid!) ?? '';
    const identity = { ...table.own, pid: child.pid!, startTime };
    assert.equal(table.isRunning(identity), true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(table.isRunning(identity), false);
    assert.equal(table.isRunning(table.own), true);
  });
});

describe('linux facts', () => {
  /** A line of /proc/PID/stat, of a process of that name and state. */
  function statLine(name: string, state: string): string {
    const between = Array.from({ length: 18 }, (_, index) => index + 4);
    return `4711 (${name}) ${state} ${between.join(' ')} 987654 23 24\n`;
  }

  function factsOf(content: string): ProcessFacts {
    const read = (_file: number, view: Uint8Array, position: number) =>
      position > 0 ? 0 : (view.set(Buffer.from(content)) ?? content.length);
    return linuxFacts({ ...nodeStorage, open: () => 0, close: () => {}, read });
  }

  it('start time: is field 22, whatever the program is called', () => {
    for (const name of ['node', 'a b', ') Z 1 2 3', '(((', '']) {
      assert.equal(factsOf(statLine(name, 'S')).startTime(4711), '987654', name);
    }
  });

  it('a zombie: has ended', () => {
    assert.equal(factsOf(statLine('node', 'Z')).startTime(4711), undefined);
    assert.equal(factsOf(statLine('Z', 'R')).startTime(4711), '987654');
  });

  it('a line that is none, or that cannot be read: says nothing', () => {
    assert.equal(factsOf('').startTime(1), '');
    assert.equal(factsOf('1 (x) S 1 2').startTime(1), '');
    const storage = new FaultStorage();
    storage.failOnce('open', 'EACCES');
    assert.equal(linuxFacts(storage).startTime(process.pid), '');
  });

  it('boot id: is the line without its end', () => {
    assert.equal(
      factsOf('26259778-ef15-4f8a-a1e9-29fee132cfcb\n').bootId(),
      '26259778-ef15-4f8a-a1e9-29fee132cfcb',
    );
  });
});

describe('macos facts', () => {
  const answers: Record<string, string> = {
    'ps -o stat=,lstart= -p 7': 'Ss   Sat Nov 21 08:53:05 2026',
    'ps -o stat=,lstart= -p 8': 'Z    Sat Nov 21 08:53:05 2026',
    'ps -o stat=,lstart= -p 9': '',
    'sysctl -n kern.bootsessionuuid': '5E0C8C1A-0F5E-4F0E-9C55-0A8D7F3F2B11',
  };
  const mac = macosFacts((name, args) => answers[[name, ...args].join(' ')] ?? 'unexpected');

  it('start time: of the list, in seconds', () => {
    assert.equal(mac.startTime(7), String(Date.parse('2026-11-21T08:53:05Z') / 1000));
    assert.equal(mac.startTime(8), undefined);
    assert.equal(mac.startTime(9), '');
  });

  it('boot id: of the session; nothing where the command is missing', () => {
    assert.equal(mac.bootId(), '5E0C8C1A-0F5E-4F0E-9C55-0A8D7F3F2B11');
    assert.equal(macosFacts(() => '').bootId(), '');
  });
});
