/** Tests the options: defaults, bounds, and one line that names what is wrong. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import {
  addGenerateOptions,
  type GenerateOptions,
  type GenerateSettings,
  toSettings,
} from '../../../src/commands/generate/settings.ts';

interface Parsed {
  readonly settings?: GenerateSettings;
  readonly error?: string;
}

function parse(...args: string[]): Parsed {
  const command = addGenerateOptions(new Command('generate')).exitOverride();
  let error = '';
  command.configureOutput({ writeErr: (text) => (error += text) });
  try {
    command.parse(args, { from: 'user' });
    return { settings: toSettings(command, command.opts<GenerateOptions>()) };
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return { error };
  }
}

describe('settings', () => {
  it('defaults: 1,000 spans a second for ten seconds over HTTP', () => {
    const { settings } = parse();
    assert.equal(settings?.endpoint.href, 'http://127.0.0.1:4318/');
    assert.equal(settings?.protocol, 'http/protobuf');
    assert.equal(settings?.spansTotal, 10_000);
    assert.equal(settings?.spansPerRequest, 200);
    assert.equal(settings?.concurrency, 4);
    assert.equal(settings?.compression, 'none');
  });

  it('signals: all three, or those given, in their order', () => {
    assert.deepEqual(parse().settings?.signals, ['traces', 'metrics', 'logs']);
    assert.deepEqual(parse('--signals', 'logs, traces').settings?.signals, ['traces', 'logs']);
    assert.deepEqual(parse('--signals', 'logs,logs').settings?.signals, ['logs']);
  });

  it('metrics: every ten seconds, of as many series as the shop has', () => {
    assert.equal(parse().settings?.metricInterval, 10_000);
    assert.equal(parse().settings?.series, 0);
    const { settings } = parse('--metric-interval', '1s', '--series', '10000');
    assert.deepEqual([settings?.metricInterval, settings?.series], [1000, 10_000]);
  });

  it('series: without metrics they contradict each other', () => {
    const { error = '' } = parse('--series', '5', '--signals', 'traces');
    assert.match(error, /--series needs metrics among --signals/);
  });

  it('rate 0: not for metrics alone, which nobody could take any faster', () => {
    const { error = '' } = parse('--rate', '0', '--signals', 'metrics');
    assert.match(error, /--rate 0 needs traces or logs/);
    assert.equal(parse('--rate', '0', '--signals', 'metrics,logs').settings?.rate, 0);
  });

  it('seed: as given, or a new one each time', () => {
    assert.equal(parse('--seed', '4294967295').settings?.seed, 4_294_967_295);
    const seeds = new Set(Array.from({ length: 5 }, () => parse().settings?.seed));
    assert.ok(seeds.size > 1);
  });

  it('total: rate times duration, rounded to whole spans', () => {
    const total = (rate: string, duration: string) =>
      parse('--rate', rate, '--duration', duration).settings?.spansTotal;
    assert.equal(total('10000', '10s'), 100_000);
    assert.equal(total('2.5', '1m'), 150);
    assert.equal(total('333', '100ms'), 33);
    assert.equal(total('1', '1h'), 3600);
    assert.equal(total('0', '1s'), Number.POSITIVE_INFINITY);
  });

  it('spans per request: at low rates no more than a second brings', () => {
    assert.equal(parse('--rate', '30').settings?.spansPerRequest, 30);
    assert.equal(parse('--rate', '0.3').settings?.spansPerRequest, 1);
    assert.equal(parse('--rate', '0').settings?.spansPerRequest, 200);
    assert.equal(parse('--rate', '30', '--spans-per-request', '90').settings?.spansPerRequest, 90);
  });

  it('endpoint: gRPC has a port of its own and takes host:port', () => {
    assert.equal(parse('--protocol', 'grpc').settings?.endpoint.host, '127.0.0.1:4317');
    const { settings } = parse('--protocol', 'grpc', '--endpoint', 'collector:4317');
    assert.equal(settings?.endpoint.host, 'collector:4317');
  });

  it('credentials and certificates: as given, and only to an address of TLS', () => {
    const header = ['--header', 'authorization=Bearer t'];
    assert.deepEqual(parse(...header).settings?.headers, { authorization: 'Bearer t' });
    const authority = fileURLToPath(
      new URL('../../../../fixtures/tls/authority.pem', import.meta.url),
    );
    const to = (endpoint: string) => parse('--endpoint', endpoint, '--ca-file', authority);
    assert.match(String(to('https://a').settings?.tls?.authorities), /^-----BEGIN /m);
    assert.match(to('http://a').error ?? '', /begins with https:/);
  });

  const wrong = [
    ['--rate', '-1'],
    ['--rate', 'fast'],
    ['--rate', '1e9'],
    ['--duration', '10'],
    ['--duration', '0'],
    ['--duration', 'soon'],
    ['--signals', ''],
    ['--signals', 'spans'],
    ['--signals', 'traces,'],
    ['--metric-interval', '10'],
    ['--metric-interval', '0'],
    ['--series', '0'],
    ['--series', '1000001'],
    ['--seed', '1.5'],
    ['--seed', '4294967296'],
    ['--spans-per-request', '0'],
    ['--concurrency', '257'],
    ['--protocol', 'http'],
    ['--compression', 'zstd'],
    ['--endpoint', 'localhost:4318'],
    ['--endpoint', ''],
    ['--rates', '5'],
  ] as const;
  for (const [name, text] of wrong) {
    it(`${name} '${text}': one line that names it`, () => {
      const { error = '' } = parse(`${name}=${text}`);
      assert.match(error, new RegExp(`^error: .*${name}`));
      assert.ok(error.trim().split('\n').length === 1 || name === '--rates', error);
    });
  }

  it('rate and duration: together they must make a span', () => {
    assert.match(parse('--rate', '0.1', '--duration', '1s').error ?? '', /--rate.*raise one/);
  });
});
