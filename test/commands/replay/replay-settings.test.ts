/** Tests what the options of a replay ask for, and that each mistake is named. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ReplayOptions,
  readReplaySettings,
} from '../../../src/commands/replay/replay-settings.ts';
import { signals } from '../../../src/shared/signal.ts';
import { messagesOf } from '../../shared/messages.ts';

const nowNs = 1_800_000_000_000_000_000n;
const nsPerMinute = 60_000_000_000n;

function read(options: Partial<ReplayOptions>) {
  return readReplaySettings(
    {
      ...{ to: ['http://127.0.0.1:4318'], protocol: 'http/protobuf' },
      ...{ compression: 'none', concurrency: 4 },
      ...options,
    },
    nowNs,
  );
}

function problemsOf(options: Partial<ReplayOptions>): string {
  const settings = read(options);
  return settings.ok ? '' : messagesOf(settings.problems).join('\n');
}

describe('replay-settings', () => {
  it('everything, unless something is asked for', () => {
    const settings = read({});
    assert.equal(settings.ok, true);
    if (!settings.ok) return;
    assert.deepEqual([settings.signals, settings.filter], [signals, {}]);
  });

  it('--to: a URL, and beside it a time; in any order', () => {
    for (const to of [
      ['https://a/b', '-5m'],
      ['-5m', 'https://a/b'],
    ]) {
      const settings = read({ to, from: '-15m', service: ['x', 'y'], signal: 'logs' });
      assert.equal(settings.ok, true);
      if (!settings.ok) return;
      assert.equal(settings.endpoint.href, 'https://a/b');
      assert.deepEqual(settings.signals, ['logs']);
      assert.deepEqual(settings.filter, {
        from: nowNs - 15n * nsPerMinute,
        to: nowNs - 5n * nsPerMinute,
        texts: new Map([['service_name', new Set(['x', 'y'])]]),
      });
    }
  });

  it('gRPC: host and port are enough', () => {
    const settings = read({ to: ['collector:4317'], protocol: 'grpc' });
    assert.equal(settings.ok && settings.endpoint.href, 'http://collector:4317/');
  });

  it('each mistake is named', () => {
    assert.match(problemsOf({ to: ['collector:4318'] }), /^--to 'collector:4318' is neither/);
    assert.match(problemsOf({ to: ['-5m'] }), /^--to names no destination/);
    assert.match(problemsOf({ to: ['http://a', 'http://b'] }), /^--to is given too often/);
    assert.match(problemsOf({ to: ['http://a', '-1m', '-2m'] }), /^--to is given too often/);
    assert.match(problemsOf({ from: 'soon' }), /^--from: soon is not a time/);
    assert.match(
      problemsOf({ to: ['http://a', '-5m'], from: '-1m' }),
      /^--from -1m is not before --to -5m/,
    );
  });
});
