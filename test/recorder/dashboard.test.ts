/** The dashboard port is opened where the settings say, or is off, or its fault is reported. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { it } from 'node:test';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { openDashboard } from '../../src/recorder/dashboard.ts';
import { fakeView } from '../serve/fake-view.ts';

function configOf(flags: Record<string, string>): Config {
  const loaded = loadConfig({ flags, environment: {} });
  assert.ok(loaded.ok);
  return loaded.config;
}

it('openDashboard: answers on the port that it reports', async () => {
  const server = await openDashboard(configOf({ 'dashboard.port': '0' }), fakeView());
  const response = await fetch(`http://127.0.0.1:${server?.port}/health`);
  assert.equal(response.status, 200);
  await server?.close();
});

it('openDashboard: undefined if it is off', async () => {
  assert.equal(
    await openDashboard(configOf({ 'dashboard.enabled': 'false' }), fakeView()),
    undefined,
  );
});

it('openDashboard: a port in use is reported with its setting', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  await assert.rejects(
    openDashboard(configOf({ 'dashboard.port': String(port) }), fakeView()),
    /dashboard\.port \d+ on .* is in use/,
  );
  other.close();
});
