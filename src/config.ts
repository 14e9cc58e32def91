/** The one schema of all settings: types, defaults, bounds, flags, environment names and help. */
import { z } from 'zod';
import { parseByteCount, parseDurationMs } from './config-units.ts';

/**
 * One setting: how its text or value is read, its default as a user would write it, and its
 * meaning.
 */
interface Setting<Value> {
  readonly schema: z.ZodType<Value>;
  readonly default: string;
  readonly meaning: string;
}

function setting<Value>(schema: z.ZodType<Value>, byDefault: string, meaning: string) {
  return { schema, default: byDefault, meaning } satisfies Setting<Value>;
}

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

const text = z.string().min(1, 'must not be empty');
const optionalText = z.string().transform((value) => (value === '' ? undefined : value));
const list = z.string().transform((value) => value.split(',').flatMap((part) => part.trim() || []));
const yesOrNo = z.enum(['true', 'false'], 'must be true or false').transform((v) => v === 'true');

/** A whole number within bounds, both included. */
function count(min: number, max: number) {
  return z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
}

/** A size within bounds, in bytes. */
function size(min: number, max: number) {
  return z
    .string()
    .transform(parseByteCount)
    .refine((bytes) => !Number.isNaN(bytes), 'must be bytes or take KiB, MiB, GiB, KB, MB or GB')
    .pipe(z.number().min(min, `must be at least ${min} bytes`).max(max, atMostBytes(max)));
}

function atMostBytes(max: number): string {
  return `must be at most ${max} bytes`;
}

/** A time within bounds, in milliseconds. */
function duration(minMs: number) {
  return z
    .string()
    .transform(parseDurationMs)
    .refine((ms) => !Number.isNaN(ms), 'needs a unit: ms, s, m, h or d')
    .refine((ms) => ms >= minMs, `must be at least ${minMs}ms`);
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, `must be one of ${values.join(', ')}`);
}

const port = count(0, 65_535);

/**
 * All settings by their names in a configuration file. Upper bounds keep what a setting reserves
 * within the 4 GiB of a WebAssembly memory.
 */
export const settings = {
  output_dir: setting(text, './output', 'where everything is kept'),
  durability: setting(
    oneOf(['received', 'logged', 'synced']),
    'logged',
    'what an acknowledgement survives; received: nothing, logged: kill -9, synced: power loss',
  ),
  'batch.max_rows': setting(
    count(1, 1_000_000),
    '10000',
    'a batch is cut as soon as it holds this many rows',
  ),
  'batch.max_bytes': setting(
    size(MiB, GiB),
    '256MiB',
    'of column bytes held; a request that alone would need more is refused as too large',
  ),
  'batch.max_age': setting(
    duration(1),
    '5s',
    'a batch is cut and written at this age at the latest',
  ),
  compression: setting(oneOf(['zstd', 'none']), 'zstd', 'of the Arrow buffers: zstd or none'),
  'rotation.max_bytes': setting(
    size(1, Number.MAX_SAFE_INTEGER),
    '128MiB',
    'a segment is sealed at this size on disk',
  ),
  'rotation.max_age': setting(
    duration(1),
    '1h',
    'a segment is sealed at this age, counted from its first row',
  ),
  'wal.max_bytes': setting(
    size(8 * MiB, 16 * GiB),
    '256MiB',
    'of the write-ahead log of a lane: fixed, preallocated, reused',
  ),
  'retention.min_free_bytes': setting(
    size(0, Number.MAX_SAFE_INTEGER),
    '1GiB',
    'below it senders are asked to try again; 0 turns the look off',
  ),
  'grpc.enabled': setting(yesOrNo, 'true', 'receive OTLP/gRPC'),
  'grpc.host': setting(text, '127.0.0.1', 'where OTLP/gRPC listens'),
  'grpc.port': setting(port, '4317', 'port of OTLP/gRPC; 0 takes a free one'),
  'http.enabled': setting(yesOrNo, 'true', 'receive OTLP/HTTP, protobuf and JSON'),
  'http.host': setting(text, '127.0.0.1', 'where OTLP/HTTP listens'),
  'http.port': setting(port, '4318', 'port of OTLP/HTTP; 0 takes a free one'),
  max_request_bytes: setting(
    size(1024, 512 * MiB),
    '64MiB',
    'of one request, before and after decompression',
  ),
  max_inflight_bytes: setting(
    size(1024, 4 * GiB),
    '128MiB',
    'of bodies being received or waiting for room; beyond it senders are asked to try again',
  ),
  'ring.bytes': setting(
    size(64 * 1024, GiB).refine((n) => Number.isInteger(Math.log2(n)), 'must be a power of two'),
    '16MiB',
    "of each producer's ring, a power of two",
  ),
  receivers: setting(count(1, 1), '1', 'worker threads that receive'),
  lanes: setting(count(1, 1), '1', 'worker threads that decode and write'),
  'dashboard.enabled': setting(yesOrNo, 'true', 'health, metrics, flush and rotate over HTTP'),
  'dashboard.host': setting(text, '127.0.0.1', 'where the dashboard port listens'),
  'dashboard.port': setting(port, '8080', 'the dashboard port; 0 takes a free one'),
  'dashboard.bearer_token': setting(optionalText, '', 'demanded by all but /health when set'),
  'dashboard.allowed_hosts': setting(
    list,
    '',
    'Host names answered beside localhost and dashboard.host',
  ),
  'log.level': setting(
    oneOf(['debug', 'info', 'warn', 'error']),
    'info',
    "the recorder's own messages on standard error",
  ),
} as const;

export type SettingKey = keyof typeof settings;

export type Config = {
  readonly [Key in SettingKey]: z.infer<(typeof settings)[Key]['schema']>;
};

export const settingKeys = Object.keys(settings) as SettingKey[];

/** `batch.max_rows` is OTLP_BATCH_MAX_ROWS in the environment. */
export function environmentName(key: SettingKey): string {
  return `OTLP_${key.toUpperCase().replaceAll('.', '_')}`;
}

/** `batch.max_rows` is --batch-max-rows on the command line. */
export function flagName(key: SettingKey): string {
  return `--${key.replaceAll(/[._]/g, '-')}`;
}

export interface ConfigSources {
  /** By setting key, as given on the command line. */
  readonly flags: Readonly<Partial<Record<SettingKey, string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** One line each, naming the setting, where it came from and the remedy. */
export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads all settings, flag before environment before default, and finds all problems at once. */
export function loadConfig({ flags, environment }: ConfigSources): LoadedConfig {
  const values: Partial<Record<SettingKey, unknown>> = {};
  const problems: string[] = [];
  for (const key of settingKeys) {
    const name = environmentName(key);
    const given = flags[key] ?? environment[name];
    const source = flags[key] === undefined ? name : flagName(key);
    const result = settings[key].schema.safeParse(given ?? settings[key].default);
    if (result.success) values[key] = result.data;
    else {
      const [issue] = result.error.issues;
      problems.push(`${source}: ${JSON.stringify(given)} ${issue?.message ?? 'is not valid'}`);
    }
  }
  if (problems.length > 0) return { ok: false, problems };
  const config = values as Config;
  const contradictions = findContradictions(config);
  if (contradictions.length > 0) return { ok: false, problems: contradictions };
  return { ok: true, config, warnings: unknownVariables(environment) };
}

function findContradictions(config: Config): string[] {
  const found: string[] = [];
  if (!config['grpc.enabled'] && !config['http.enabled']) {
    found.push('grpc.enabled and http.enabled are both false: turn one on, or nothing is recorded');
  }
  if (config.max_inflight_bytes < config.max_request_bytes) {
    found.push(
      `max_inflight_bytes (${config.max_inflight_bytes}) is below max_request_bytes ` +
        `(${config.max_request_bytes}): raise it, or the largest requests never get in`,
    );
  }
  return [...found, ...findSharedPorts(config)];
}

function findSharedPorts(config: Config): string[] {
  const found: string[] = [];
  const listeners = (['grpc', 'http', 'dashboard'] as const).filter((name) => {
    return config[`${name}.enabled`] && config[`${name}.port`] !== 0;
  });
  for (const [index, name] of listeners.entries()) {
    for (const other of listeners.slice(index + 1)) {
      if (config[`${name}.port`] !== config[`${other}.port`]) continue;
      found.push(
        `${name}.port and ${other}.port are both ${config[`${name}.port`]}: change one of them`,
      );
    }
  }
  return found;
}

function unknownVariables(environment: ConfigSources['environment']): string[] {
  const known = new Set(settingKeys.map(environmentName));
  return Object.keys(environment)
    .filter((name) => name.startsWith('OTLP_') && !known.has(name))
    .map((name) => `${name} is not a setting of archer and was ignored`);
}
