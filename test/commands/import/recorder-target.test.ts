/** Tests who takes an import: the recorder that runs, or one that is started for it. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOtlpClient } from '../../../src/client/otlp-client.ts';
import { openRecorderTarget, targetOf } from '../../../src/commands/import/recorder-target.ts';
import { type Config, loadConfig } from '../../../src/config/config.ts';
import { directoryHolder, takeDirectoryLock } from '../../../src/disk/lock/directory-lock.ts';
import { systemProcesses } from '../../../src/disk/lock/process-identity.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { silentJournal } from '../../../src/shared/journal.ts';
import { cleanUp, makeFolder, startRecorder } from '../../recorder/recorder-process.ts';

const environment = { OTLP_WAL_MAX_BYTES: '8MiB', OTLP_RETENTION_MIN_FREE_BYTES: '0' };

function configOf(outputDir: string, more: Record<string, string> = {}): Config {
  const flags = { output_dir: outputDir };
  const loaded = loadConfig({ flags, environment: { ...environment, ...more } });
  assert.equal(loaded.ok, true, JSON.stringify(loaded));
  return (loaded as { config: Config }).config;
}

function open(config: Config) {
  const how = { clock: systemClock, sleep: (ms: number) => sleep(ms), journal: silentJournal };
  return openRecorderTarget({ config, ...how, isSecure: false });
}

describe('recorder-target', () => {
  after(cleanUp);

  it('nobody runs: a recorder of our own, for us alone, and gone when it is closed', async () => {
    const config = configOf(makeFolder(), { OTLP_AUTH_BASIC: 'a:b', OTLP_GRPC_PORT: '1' });
    const target = await open(config);
    const { endpoint, protocol } = target;
    const limits = { compression: 'none', connectionsMax: 1, timeoutMs: 5_000 } as const;
    const options = { endpoint, protocol, ...limits, userAgent: 'test' };
    const known = openOtlpClient({ ...options, headers: target.headers }, systemClock);
    const stranger = openOtlpClient(options, systemClock);
    assert.equal((await known.send('traces', Buffer.alloc(0))).verdict, 'accepted');
    assert.match((await stranger.send('traces', Buffer.alloc(0))).message, /^HTTP 401/);
    known.close();
    stranger.close();
    await target.close();
    const processes = systemProcesses(nodeStorage);
    assert.equal(directoryHolder(nodeStorage, config.output_dir, processes), undefined);
  });

  it('a recorder runs: it, over HTTP', async () => {
    const recorder = await startRecorder();
    const target = await open(configOf(recorder.outputDir));
    assert.equal(target.endpoint.href, `http://127.0.0.1:${recorder.ports.http}/`);
    assert.equal(target.protocol, 'http/protobuf');
    assert.match(target.name, new RegExp(`process ${recorder.child.pid}`));
    await target.close();
    await recorder.stop();
  });

  it('a recorder that is starting: its listeners are waited for', async () => {
    const outputDir = makeFolder();
    const processes = systemProcesses(nodeStorage);
    const storage = nodeStorage;
    const attempt = await takeDirectoryLock({ storage, outputDir, processes, clock: systemClock });
    assert.equal(attempt.kind, 'taken');
    if (attempt.kind !== 'taken') return;
    setTimeout(() => attempt.lock.setPorts({ grpc: 4317, http: null, dashboard: null }), 200);
    const target = await open(configOf(outputDir));
    attempt.lock.release();
    assert.equal(target.endpoint.href, 'http://127.0.0.1:4317/');
    assert.equal(target.protocol, 'grpc');
  });

  it('hosts: as configured; who listens everywhere is reached here', () => {
    const ports = { http: 4318, grpc: null, dashboard: null };
    const found = ['10.0.0.5', '0.0.0.0', '::', '::1', 'shop.example'].map((host) => {
      const config = configOf(makeFolder(), { OTLP_HTTP_HOST: host });
      return targetOf({ pid: 7, ports }, { config, isSecure: host === 'shop.example' }).endpoint
        .origin;
    });
    assert.deepEqual(found, [
      'http://10.0.0.5:4318',
      'http://127.0.0.1:4318',
      'http://[::1]:4318',
      'http://[::1]:4318',
      'https://shop.example:4318',
    ]);
  });

  it('a holder without listeners for OTLP: one line with the remedy', () => {
    const config = configOf(makeFolder());
    const ports = { http: null, grpc: null, dashboard: 8080 };
    const message = /is in use by process 7, which does not accept OTLP\. Wait for its end/;
    assert.throws(() => targetOf({ pid: 7, ports }, { config, isSecure: false }), { message });
  });
});
