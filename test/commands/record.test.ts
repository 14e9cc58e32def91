/** `archer record` from a shell's side: what it prints, and how it ends. */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordCommand } from '../../src/commands/record.ts';
import { environmentName, flagKeys } from '../../src/config/settings.ts';
import {
  cleanUp,
  makeFolder,
  type RecorderProcess,
  runArcher,
  startRecorder,
} from '../recorder/recorder-process.ts';

after(cleanUp);

describe('archer record', () => {
  it('SIGTERM: seals, says what was recorded, and exits 0', async () => {
    const recorder = await startRecorder();
    const { code, lines } = await recorder.stop('SIGTERM');
    assert.equal(code, 0);
    const stopped = { event: 'stopped', rows: {}, segments: 0, bytes: 0 };
    assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), stopped);
  });

  it('listening: one JSON line with the ports, null for a listener that is off', async () => {
    const unknown = { OTLP_BATCH_MAX_ROW: '5' };
    const recorder = await startRecorder(['--grpc-enabled', 'false'], makeFolder(), unknown);
    const { code, lines } = await recorder.stop('SIGINT');
    assert.equal(code, 0, 'SIGINT ends it well, too');
    const event = JSON.parse(lines[0] ?? '');
    assert.equal(event.event, 'listening');
    assert.equal(event.grpc, null);
    assert.ok(event.http > 0 && event.dashboard > 0);
    assert.equal(event.output_dir, recorder.outputDir);
    assert.match(recorder.stderr(), /OTLP_BATCH_MAX_ROW is not a setting/, 'a warning');
  });

  it('bad settings: exit 2 and one line for each, naming flag or variable', async () => {
    const args = ['record', '--batch-max-rows', '0', '--rotation-max-age', '5'];
    const { code, stderr } = await runArcher(args, { OTLP_COMPRESSION: 'lz4' });
    assert.equal(code, 2);
    const lines = stderr.trim().split('\n');
    assert.equal(lines.length, 3, stderr);
    for (const line of lines) assert.match(line, /^archer: (--|OTLP_)/);
  });

  it('an unknown flag: exit 2, together with all else that is wrong', async () => {
    const { code, stderr } = await runArcher(['record', '--lanse', '1', '--lanes', '7']);
    assert.equal(code, 2);
    assert.deepEqual(stderr.trim().split('\n'), [
      'archer: --lanse is no flag; did you mean --lanes?',
      'archer: --lanes: "7" must be at most 1',
    ]);
  });

  it('--help names every setting with its variable and default', () => {
    const help = recordCommand().helpInformation().replaceAll(/\s+/g, ' ');
    assert.match(help, /OTLP_BATCH_MAX_ROWS; default 10000/);
    for (const key of flagKeys) assert.ok(help.includes(environmentName(key)), key);
  });
});

/** Many times what a reload takes. */
const reloadMsMax = 10_000;

/** A recorder with a configuration file, and what its journal says from the last look on. */
async function startWithFile(yaml: string) {
  const path = join(makeFolder(), 'archer.yaml');
  writeFileSync(path, yaml);
  const recorder = await startRecorder(['--config', path]);
  let seenCount = 0;
  /** Resolves with the messages up to the one that matches. */
  const journalUntil = async (pattern: RegExp): Promise<string[]> => {
    for (let waitedMs = 0; waitedMs < reloadMsMax; waitedMs += 20) {
      const messages = messagesOf(recorder).slice(seenCount);
      const found = messages.findIndex((message) => pattern.test(message));
      if (found >= 0) {
        seenCount += found + 1;
        return messages.slice(0, found + 1).map((message) => message.replaceAll(path, 'FILE'));
      }
      await sleep(20);
    }
    throw new Error(`the journal does not say ${pattern}: ${recorder.stderr()}`);
  };
  return { recorder, path, journalUntil };
}

function messagesOf(recorder: RecorderProcess): string[] {
  const whole = recorder.stderr().split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line).msg);
}

describe('archer record: reload', () => {
  it('a changed file is applied: written in place, renamed into place, and on SIGHUP', async () => {
    const { recorder, path, journalUntil } = await startWithFile('log: {level: warn}');
    writeFileSync(path, 'log: {level: info}');
    assert.deepEqual(await journalUntil(/applied/), ['FILE has changed: applied: log.level']);
    for (const bytes of [5_000_000, 6_000_000]) {
      writeFileSync(`${path}.tmp`, `log: {level: info}\nrotation: {max_bytes: ${bytes}}`);
      renameSync(`${path}.tmp`, path);
      const lines = await journalUntil(/applied/);
      assert.deepEqual(lines, ['FILE has changed: applied: rotation.max_bytes']);
    }
    recorder.child.kill('SIGHUP');
    assert.deepEqual(await journalUntil(/SIGHUP/), ['SIGHUP: no setting has changed']);
    assert.equal((await recorder.stop()).code, 0);
  });

  it('a bad file, an empty one or none changes nothing, and why is said', async () => {
    const { recorder, path, journalUntil } = await startWithFile('rotation: {max_age: 5m}');
    const stays = 'FILE has changed: the configuration stays as it is:';
    writeFileSync(path, 'rotation: {max_age: 5}\nlog: {level: debug, levl: info}');
    assert.deepEqual(await journalUntil(/needs a unit/), [
      `${stays} FILE:2:21: log.levl is no setting; did you mean log.level?`,
      `${stays} FILE:1:12: rotation.max_age: 5 needs a unit: ms, s, m, h or d`,
    ]);
    writeFileSync(path, '');
    assert.deepEqual(await journalUntil(/empty/), [`${stays} --config: "FILE" is empty`]);
    renameSync(path, `${path}.old`);
    assert.deepEqual(await journalUntil(/exist/), [`${stays} --config: "FILE" does not exist`]);
    writeFileSync(path, 'rotation: {max_age: 300s}');
    const lines = await journalUntil(/has changed/);
    assert.deepEqual(lines, ['FILE has changed: no setting has changed']);
    assert.equal((await recorder.stop()).code, 0);
  });

  it('what needs a restart is named; flags still go before the file', async () => {
    const { recorder, path, journalUntil } = await startWithFile('log: {level: info}');
    const others = 'wal: {max_bytes: 1GiB}\nbatch: {max_rows: 5}\ncompression: none';
    writeFileSync(path, `log: {level: warn}\n${others}`);
    assert.deepEqual(await journalUntil(/restart/), [
      'FILE has changed: changed, but applied only by a restart: batch.max_rows, compression',
    ]);
    assert.equal((await recorder.stop()).code, 0);
    const heard = messagesOf(recorder);
    assert.ok(!heard.includes('SIGTERM: stopping'), 'the new level was applied before');
  });
});
