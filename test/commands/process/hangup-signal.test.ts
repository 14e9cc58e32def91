/** SIGHUP is heard, also before anybody listens. */
import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { type HangupSignal, onHangupSignal } from '../../../src/commands/process/hangup-signal.ts';

const opened: HangupSignal[] = [];
afterEach(() => {
  for (const hangup of opened.splice(0)) hangup.forget();
});

function open(): HangupSignal {
  const hangup = onHangupSignal();
  opened.push(hangup);
  return hangup;
}

it('listen: hears each SIGHUP from then on, the last listener only', () => {
  const heard: string[] = [];
  const hangup = open();
  hangup.listen(() => heard.push('a'));
  assert.equal(heard.length, 0);
  process.emit('SIGHUP', 'SIGHUP');
  process.emit('SIGHUP', 'SIGHUP');
  hangup.listen(() => heard.push('b'));
  process.emit('SIGHUP', 'SIGHUP');
  assert.deepEqual(heard, ['a', 'a', 'b']);
});

it('listen: hears at once, and once, what came before', () => {
  const heard: string[] = [];
  const hangup = open();
  process.emit('SIGHUP', 'SIGHUP');
  process.emit('SIGHUP', 'SIGHUP');
  hangup.listen(() => heard.push('a'));
  assert.deepEqual(heard, ['a']);
  hangup.listen(() => heard.push('b'));
  assert.deepEqual(heard, ['a']);
});

it('forget: leaves the signal to others', () => {
  const before = process.listenerCount('SIGHUP');
  const hangup = open();
  assert.equal(process.listenerCount('SIGHUP'), before + 1);
  hangup.forget();
  assert.equal(process.listenerCount('SIGHUP'), before);
});
