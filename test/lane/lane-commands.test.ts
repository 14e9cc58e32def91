/** Each command calls what it stands for, and is answered under its id. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { LaneCommands } from '../../src/lane/lane-commands.ts';
import type { LaneRequest } from '../../src/lane/lane-messages.ts';

function open(fault?: string) {
  const calls: string[] = [];
  const queued = [2, 1, 0];
  const rows = { traces: 3 };
  const commands = new LaneCommands({
    lane: {
      turn: () => {
        calls.push('turn');
        return queued.shift() ?? 0;
      },
      flush: () => {
        calls.push('flush');
        return { rows, fault };
      },
      rotate: (reason) => {
        calls.push(`rotate ${reason}`);
        return { rows, sealed: ['traces/one.arrow'], fault };
      },
    },
    vanishedFiles: { reportLost: () => calls.push('reportLost') },
    reconfigure: (config) => calls.push(`reconfigure ${config['batch.max_rows']}`),
  });
  return { calls, execute: (request: LaneRequest) => commands.execute({ ...request, id: 7 }) };
}

function loadedConfig(): Config {
  const loaded = loadConfig({ flags: { 'batch.max_rows': '5' }, environment: {} });
  assert.ok(loaded.ok);
  return loaded.config;
}

describe('LaneCommands', () => {
  it('flush: writes what is held and seals nothing', () => {
    const { calls, execute } = open();
    const done = execute({ kind: 'flush' });
    assert.deepEqual(done, { kind: 'done', id: 7, rows: { traces: 3 }, sealed: [] });
    assert.deepEqual(calls, ['flush']);
  });

  it('rotate: seals for the reason of the command', () => {
    const { calls, execute } = open();
    assert.deepEqual(execute({ kind: 'rotate', reason: 'schedule' }).sealed, ['traces/one.arrow']);
    assert.deepEqual(calls, ['rotate schedule']);
  });

  it('stop: empties the rings, then writes and seals all, then reports what is lost', () => {
    const { calls, execute } = open();
    execute({ kind: 'stop' });
    assert.deepEqual(calls, ['turn', 'turn', 'turn', 'rotate asked', 'reportLost']);
  });

  it('reconfigure: hands the configuration on, and writes nothing', () => {
    const { calls, execute } = open();
    const done = execute({ kind: 'reconfigure', config: loadedConfig() });
    assert.deepEqual(done, { kind: 'done', id: 7, rows: {}, sealed: [] });
    assert.deepEqual(calls, ['reconfigure 5']);
  });

  it('a disk that refuses: the answer has the reason', () => {
    assert.equal(open('ENOSPC').execute({ kind: 'flush' }).fault, 'ENOSPC');
  });
});
