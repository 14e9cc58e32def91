/** The configuration as a whole: the precedence of its sources, and all problems at once. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  loadConfig,
  loadOutputDir,
  type SettingKey,
  settingKeys,
  settings,
} from '../../src/config/config.ts';
import { presets } from '../../src/config/presets.ts';
import { flagKeys } from '../../src/config/settings.ts';
import { TestRandom, takeSeed } from '../random.ts';
import { configFrom, loadedFrom, problemsFrom, sourcesWith, temporaryFolder } from './loading.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

describe('config', () => {
  it('loadConfig: the defaults are valid and typed', () => {
    const config = configFrom({});
    assert.equal(config['batch.max_rows'], 10_000);
    assert.equal(config['batch.max_age'], 5_000);
    assert.equal(config['rotation.max_bytes'], 128 * 1024 * 1024);
    assert.equal(config['grpc.enabled'], true);
    assert.equal(config['dashboard.bearer_token'], undefined);
    assert.equal(config['rotation.schedule'], undefined);
    assert.equal(config['retention.max_age'], 7 * 86_400_000);
    assert.equal(config['retention.traces.max_age'], undefined);
    assert.deepEqual(config['dashboard.allowed_hosts'], []);
    assert.deepEqual(config.forwarding, []);
  });

  it('loadConfig: flag before environment before file before preset before default', () => {
    const { config, given } = loadedFrom({
      flags: { 'http.port': '6000' },
      environment: { OTLP_HTTP_PORT: '5000', OTLP_GRPC_PORT: '5001' },
      yaml: 'preset: low_latency\nhttp: {port: 4000}\ngrpc: {port: 4001}\nbatch: {max_rows: 7}\n',
    });
    assert.equal(config['http.port'], 6000);
    assert.equal(config['grpc.port'], 5001);
    assert.equal(config['batch.max_rows'], 7);
    assert.equal(config['batch.max_age'], 1_000);
    assert.equal(config['dashboard.port'], 8080);
    assert.equal(given['http.port'].source, 'flag --http-port');
    assert.equal(given['grpc.port'].source, 'environment OTLP_GRPC_PORT');
    assert.match(given['batch.max_rows'].source, /\.yaml$/);
    assert.equal(given['batch.max_age'].source, 'preset low_latency');
    assert.equal(given['dashboard.port'].source, 'default');
  });

  it('loadConfig: random sources: the first source that has a setting gives its value', () => {
    const random = new TestRandom(takeSeed());
    for (let round = 0; round < 200; round++) checkPrecedence(random);
  });

  it('loadConfig: all problems of all sources are reported at once', () => {
    const problems = problemsFrom({
      flags: { 'batch.max_rows': '0', 'batch.max_age': '5' },
      unknownArguments: ['--batch-max-row', '5', 'stray'],
      environment: { OTLP_COMPRESSION: 'lz4', OTLP_RING_BYTES: '100000' },
      yaml: `preset: fast\nbatch: {max_rws: 5}\nhttp: {port: 4317}\ntls: {cert_file: "\${env:NOPE}"}\n`,
    });
    assert.deepEqual(problems, [
      '--batch-max-row is no flag; did you mean --batch-max-rows?',
      '"stray" stands alone: every setting is a flag and its value',
      '2:9: batch.max_rws is no setting; did you mean batch.max_rows?',
      '1:1: preset: "fast" must be one of balanced, low_latency, high_throughput',
      '--batch-max-rows: "0" must be at least 1',
      '--batch-max-age: "5" needs a unit: ms, s, m, h or d',
      'OTLP_COMPRESSION: "lz4" must be one of zstd, none',
      `4:7: tls.cert_file: \${env:NOPE} is not set`,
      'OTLP_RING_BYTES: "100000" must be a power of two',
      'grpc.port (4317, default) and http.port (4317, 3:8) are the same port: change one of them',
    ]);
  });

  it('loadConfig: an empty variable is a value', () => {
    assert.match(
      problemsFrom({ environment: { OTLP_OUTPUT_DIR: '' } })[0] ?? '',
      /OTLP_OUTPUT_DIR/,
    );
    const environment = { OTLP_ROTATION_SCHEDULE: '', OTLP_AUTH_BASIC: '' };
    const config = configFrom({ environment, yaml: 'rotation: {schedule: "0 * * * *"}' });
    assert.equal(config['rotation.schedule'], undefined);
    assert.deepEqual(config['auth.basic'], []);
  });

  it('loadConfig: the file may give a value as a YAML number or boolean, or as a text', () => {
    const yaml = 'batch: {max_rows: 5, max_bytes: 2097152}\nhttp: {enabled: false}\n';
    const texts = 'batch: {max_rows: "5", max_bytes: 2MiB}\nhttp: {enabled: "false"}\n';
    assert.deepEqual(configFrom({ yaml }), configFrom({ yaml: texts }));
  });

  it('loadConfig: references are replaced', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'token'), 'abc\n');
    const yaml = `dashboard: {bearer_token: "\${file:${folder}/token}", port: "\${env:PORT}"}`;
    const config = configFrom({ yaml, environment: { PORT: '99' } });
    assert.equal(config['dashboard.bearer_token'], 'abc');
    assert.equal(config['dashboard.port'], 99);
  });

  it('loadConfig: a reference that cannot be replaced hides no other problem', () => {
    const yaml = `forwarding: [{name: a, endpoint: "\${env:NOPE}", timeout: 5}]`;
    assert.deepEqual(problemsFrom({ yaml }), [
      `1:24: forwarding[0].endpoint: \${env:NOPE} is not set`,
      '1:49: forwarding[0].timeout: 5 needs a unit: ms, s, m, h or d',
    ]);
  });

  it('loadConfig: problems never contain a secret', () => {
    const problems = problemsFrom({
      flags: { 'dashboard.bearer_token': 'hush hush' },
      environment: { OTLP_AUTH_BASIC: 'hush', PASSWORD: 'hush' },
      yaml: `
auth: {bearer_tokens: [hush hush]}
http: {port: "\${env:PASSWORD}"}
forwarding:
  - {name: a, endpoint: "https://me:hush@x", headers: {a: "hush\\n"}}
  - {name: b, endpoint: "https://x", auth: {type: bearer_token, token: "hush\\n"}}
  - {name: c, endpoint: "https://x", auth: {type: basic, username: "", password: [hush]}}
`,
    });
    assert.equal(problems.length, 9, problems.join('\n'));
    assert.ok(!problems.join('\n').includes('hush'), problems.join('\n'));
  });

  it('loadConfig: the variables of forwarding are checked as a destination', () => {
    const environment = { OTLP_FORWARDING_ENABLED: 'true', OTLP_FORWARDING_PROTOCOL: 'grcp' };
    assert.deepEqual(problemsFrom({ environment }), [
      'OTLP_FORWARDING_ENDPOINT_URL: is missing',
      'OTLP_FORWARDING_PROTOCOL: "grcp" must be one of http/protobuf, http/json, grpc',
    ]);
  });

  it('loadConfig: a reload refuses a file that is gone or empty', () => {
    const sources = sourcesWith({ yaml: '' });
    assert.ok(loadConfig(sources).ok);
    const fileBefore = sources.configFile;
    const empty = loadConfig({ ...sources, fileBefore });
    assert.ok(
      !empty.ok && /is empty$/.test(empty.problems[0]?.message ?? ''),
      JSON.stringify(empty),
    );
  });

  it('loadOutputDir: works although other settings are wrong', () => {
    const yaml = `output_dir: ./here\nbatch: {max_rows: x}\nauth: {basic: "\${env:NOPE}"}`;
    assert.deepEqual(loadOutputDir(sourcesWith({ yaml })), { ok: true, outputDir: './here' });
    const bad = loadOutputDir(sourcesWith({ yaml: 'output_dir: ""' }));
    assert.ok(!bad.ok && bad.problems.length === 1);
    const unreadable = loadOutputDir(sourcesWith({ configFile: 'no-such-file.yaml' }));
    assert.ok(!unreadable.ok, 'a file that was named may hold another output_dir');
  });

  it('loadConfig: accepts the examples in README and guide', () => {
    const pages = ['README.md', 'docs/guide.md'].map((name) =>
      readFileSync(join(root, name), 'utf8'),
    );
    const examples = pages.flatMap((page) => {
      return [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    });
    assert.equal(examples.length, 2);
    const environment = { COLLECTOR_TOKEN: 'x', DASHBOARD_TOKEN: 'x' };
    for (const yaml of examples) configFrom({ yaml, environment });
  });

  it('the workers import only the reader of PEM files', () => {
    const seen = importsOf('threads/receiver-worker.ts', importsOf('threads/lane-worker.ts'));
    assert.ok(seen.size > 20, `only ${seen.size} imports found`);
    const broken = [...seen].filter((name) =>
      /^config\/(?!pem-file)|^(zod|yaml|node-cron|chokidar)$/.test(name),
    );
    assert.deepEqual(broken, []);
  });
});

const order = ['flag', 'environment', 'file'] as const;

/** Values that do not contradict each other in any combination. */
const choices: Readonly<Partial<Record<SettingKey, readonly string[]>>> = {
  output_dir: ['a', 'b', 'c'],
  preset: ['balanced', 'low_latency', 'high_throughput'],
  'batch.max_rows': ['11', '12', '13'],
  'batch.max_age': ['1s', '2s', '1m'],
  'ring.bytes': ['64KiB', '131072', '1MiB'],
  compression: ['zstd', 'none'],
  'rotation.max_bytes': ['0', '5MiB', '7MB'],
  'retention.traces.max_age': ['', '0', '5d'],
  'http.port': ['5001', '5002', '0'],
  'http.cors_origins': ['', '*', 'https://a.example,http://b:1'],
  'dashboard.enabled': ['true', 'false'],
  'auth.bearer_tokens': ['', 'a', 'a,b'],
  'log.level': ['debug', 'warn'],
};

function checkPrecedence(random: TestRandom): void {
  const given = { flag: new Map(), environment: new Map(), file: new Map() };
  for (const [key, values] of Object.entries(choices)) {
    for (const source of order) {
      if (random.below(2) === 0) given[source].set(key, values[random.below(values.length)]);
    }
  }
  const variables = [...given.environment].map(([key, value]) => {
    return [`OTLP_${key.toUpperCase().replaceAll('.', '_')}`, value];
  });
  const { config, given: found } = loadedFrom({
    flags: Object.fromEntries(given.flag),
    environment: Object.fromEntries(variables),
    yaml: yamlOf(given.file, random),
  });
  for (const key of flagKeys) {
    const source = order.find((name) => given[name].has(key));
    const byPreset = presets[config.preset][key];
    const text = source === undefined ? byPreset : given[source].get(key);
    const expected = settings[key].schema.parse(text ?? settings[key].default);
    assert.deepEqual(config[key], expected, `${key}: ${JSON.stringify([...given.file])}`);
    const kind = source ?? (byPreset === undefined ? 'default' : 'preset');
    const isFile = found[key].source.endsWith('.yaml');
    assert.equal(isFile ? 'file' : found[key].source.split(' ')[0], kind, key);
  }
}

/** Writes JSON, which is YAML, with whole numbers as numbers or as texts. */
function yamlOf(values: ReadonlyMap<string, string>, random: TestRandom): string {
  const root: Record<string, unknown> = {};
  for (const [key, text] of values) {
    const parts = key.split('.');
    let section = root;
    for (const part of parts.slice(0, -1)) {
      section[part] ??= {};
      section = section[part] as Record<string, unknown>;
    }
    const isNumber = /^\d+$/.test(text) && random.below(2) === 0;
    section[parts.at(-1) ?? ''] = isNumber ? Number(text) : text;
  }
  return JSON.stringify(root);
}

/** Returns what a source imports at run time: files below src/, and packages. */
function importsOf(path: string, seen: Set<string> = new Set()): Set<string> {
  const text = readFileSync(join(root, 'src', path), 'utf8');
  for (const match of text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '([^']+)';/gm)) {
    const name = match[1] ?? '';
    const target = name.startsWith('.') ? join(dirname(path), name) : name;
    if (seen.has(target)) continue;
    seen.add(target);
    if (existsSync(join(root, 'src', target))) importsOf(target, seen);
  }
  return seen;
}

it('settings: no two share a flag or a variable', () => {
  assert.equal(
    settingKeys.length,
    new Set(settingKeys.map((key) => key.replaceAll('.', '_'))).size,
  );
});
