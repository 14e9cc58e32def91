/** Shows which processes count as alive, as dead, or as unknown. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { systemProcesses } from '../../../src/disk/lock/process-identity.ts';
import { nodeStorage, type Storage } from '../../../src/disk/storage.ts';

/** Returns a line of /proc/PID/stat. */
function statLine(name: string, state: string, startTime = '987654'): string {
  const between = Array.from({ length: 18 }, (_, index) => index + 4);
  return `4711 (${name}) ${state} ${between.join(' ')} ${startTime} 23 24\n`;
}

/** A disk whose /proc has these files; the pid namespace has inode 7. */
function procOf(files: Readonly<Record<string, string>>): Storage {
  const paths = ['', ...Object.keys(files)];
  return {
    ...nodeStorage,
    open: (path) => {
      if (path === '/proc/self/ns/pid') return 0;
      const file = paths.indexOf(path);
      if (file < 1) throw Object.assign(new Error(path), { code: 'EACCES' });
      return file;
    },
    statOpen: () => ({ ...nodeStorage.stat('/')!, inode: 7 }),
    close: () => {},
    read: (file, view, position) => {
      const bytes = Buffer.from(files[paths[file]!]!);
      if (position > 0) return 0;
      view.set(bytes);
      return bytes.byteLength;
    },
  };
}

const bootId = '26259778-ef15-4f8a-a1e9-29fee132cfcb';
const boot = { '/proc/sys/kernel/random/boot_id': `${bootId}\n` };

describe('system processes', () => {
  it('a child: is alive until it is killed', async () => {
    const table = systemProcesses(nodeStorage);
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
    const identity = { ...table.own, pid: child.pid!, startTime };
    assert.equal(table.stateOf(identity), 'alive');
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(table.stateOf(identity), 'dead');
    assert.equal(table.stateOf(table.own), 'alive');
  });

  it('a process of another boot or another namespace: is unknown', () => {
    const table = systemProcesses(nodeStorage);
    assert.equal(table.stateOf({ ...table.own, bootId: 'another' }), 'unknown');
    assert.equal(table.stateOf({ ...table.own, pidNamespace: '1' }), 'unknown');
  });

  const states: readonly (readonly [string, string, string])[] = [
    ['the same start time', statLine('node', 'S'), 'alive'],
    ['a name with brackets and spaces', statLine(') Z 1 2 (', 'R'), 'alive'],
    ['another start time, so a later process', statLine('node', 'S', '987655'), 'dead'],
    ['a zombie', statLine('node', 'Z'), 'dead'],
    ['a line that is cut short', '4711 (node) S 1 2', 'unknown'],
  ];
  for (const [name, line, state] of states) {
    it(`${name}: is ${state}`, () => {
      const storage = procOf({ ...boot, '/proc/4711/stat': line });
      const table = systemProcesses(storage, () => true);
      const identity = { ...table.own, pid: 4711, startTime: '987654' };
      assert.deepEqual([table.own.bootId, table.own.pidNamespace], [bootId, '7']);
      assert.equal(table.stateOf(identity), state);
      assert.equal(systemProcesses(storage, () => false).stateOf(identity), 'dead');
    });
  }

  it('a process that is hidden from this user: is unknown', () => {
    const table = systemProcesses(procOf(boot), () => true);
    assert.equal(table.stateOf({ ...table.own, pid: 4711, startTime: '1' }), 'unknown');
  });

  it('a system without /proc: nothing is known of any process', () => {
    const table = systemProcesses(procOf({}), () => false);
    assert.equal(table.own.bootId, '');
    assert.equal(table.stateOf(table.own), 'unknown');
  });
});
