/** The one schema of all settings: types, defaults, bounds, meanings, and the names they go by. */
import type { z } from 'zod';
import { destinations } from './forwarding-settings.ts';
import {
  count,
  cron,
  duration,
  durationMsMax,
  listOf,
  nonEmptyText,
  oneOf,
  optional,
  origin,
  port,
  size,
  text,
  yesOrNo,
} from './value-kinds.ts';

/** One setting: how its value is read, its default as a user would write it, and its meaning. */
export interface Setting<Value = unknown> {
  readonly schema: z.ZodType<Value>;
  /** Empty where there is none. */
  readonly default: string | readonly never[];
  readonly meaning: string;
  /** A secret is neither shown nor logged. */
  readonly isSecret: boolean;
}

function setting<Schema extends z.ZodType>(
  schema: Schema,
  byDefault: Setting['default'],
  meaning: string,
) {
  return { schema, default: byDefault, meaning, isSecret: false };
}

function secret<Schema extends z.ZodType>(
  schema: Schema,
  byDefault: Setting['default'],
  meaning: string,
) {
  return { ...setting(schema, byDefault, meaning), isSecret: true };
}

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const unbounded = Number.MAX_SAFE_INTEGER;

/** A day of rows that no reader sees; the lane's timer holds it too. */
const batchAgeMsMax = 86_400_000;

const ringBytes = size(64 * KiB, GiB).refine(
  (bytes) => Number.isInteger(Math.log2(bytes)),
  'must be a power of two',
);

/** What a header can carry. */
const bearerToken = text.regex(/^[\x21-\x7e]+$/, 'must be printable, without spaces');
const userAndPassword = text.regex(/^[^:]+:.+$/, 'must be user:password');
const age = duration(0, durationMsMax);

/**
 * All settings by their keys in the configuration file, a dot for each level. Upper bounds keep
 * what a setting reserves within the 4 GiB of a WebAssembly memory.
 */
export const settings = {
  output_dir: setting(nonEmptyText, './output', 'where everything is kept'),
  preset: setting(
    oneOf(['balanced', 'low_latency', 'high_throughput']),
    'balanced',
    'defaults for a purpose: balanced, low_latency or high_throughput',
  ),
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
    duration(1, batchAgeMsMax),
    '5s',
    'a batch is cut and written at this age at the latest',
  ),
  compression: setting(oneOf(['zstd', 'none']), 'zstd', 'of the Arrow buffers: zstd or none'),
  'rotation.max_bytes': setting(
    size(0, unbounded),
    '128MiB',
    'a segment is sealed at this size on disk; 0: no limit',
  ),
  'rotation.max_age': setting(
    age,
    '1h',
    'a segment is sealed at this age, counted from its first row; 0: no limit',
  ),
  'rotation.schedule': setting(
    optional(cron),
    '',
    'cron expression, in UTC: segments are sealed then, too',
  ),
  'rotation.seal_format': setting(
    oneOf(['stream', 'file']),
    'stream',
    'of sealed segments: Arrow IPC stream or file',
  ),
  'retention.max_age': setting(
    age,
    '7d',
    "of a sealed segment, counted from its newest row's arrival; 0 keeps for ever",
  ),
  'retention.traces.max_age': setting(optional(age), '', 'of traces, in place of the above'),
  'retention.metrics.max_age': setting(optional(age), '', 'of metrics, in place of the above'),
  'retention.logs.max_age': setting(optional(age), '', 'of logs, in place of the above'),
  'retention.max_bytes': setting(
    size(0, unbounded),
    '10GiB',
    'of all sealed segments; the oldest go first; 0: no limit',
  ),
  'retention.min_free_bytes': setting(
    size(0, unbounded),
    '1GiB',
    'below it old segments go, then senders are asked to try again; 0 turns the look off',
  ),
  'retention.schedule': setting(cron, '* * * * *', 'cron expression of the sweep, in UTC'),
  'grpc.enabled': setting(yesOrNo, 'true', 'receive OTLP/gRPC'),
  'grpc.host': setting(nonEmptyText, '127.0.0.1', 'where OTLP/gRPC listens'),
  'grpc.port': setting(port, '4317', 'port of OTLP/gRPC; 0 takes a free one'),
  'http.enabled': setting(yesOrNo, 'true', 'receive OTLP/HTTP, protobuf and JSON'),
  'http.host': setting(nonEmptyText, '127.0.0.1', 'where OTLP/HTTP listens'),
  'http.port': setting(port, '4318', 'port of OTLP/HTTP; 0 takes a free one'),
  'http.cors_origins': setting(
    listOf(origin),
    [],
    'origins whose pages may send over OTLP/HTTP; * for all',
  ),
  max_request_bytes: setting(
    size(KiB, 512 * MiB),
    '64MiB',
    'of one request, before and after decompression',
  ),
  max_inflight_bytes: setting(
    size(KiB, 4 * GiB),
    '128MiB',
    'of bodies being received or waiting for room; beyond it senders are asked to try again',
  ),
  'wal.max_bytes': setting(
    size(8 * MiB, 16 * GiB),
    '256MiB',
    'of the write-ahead log of a lane: fixed, preallocated, reused',
  ),
  'tls.cert_file': setting(optional(text), '', 'certificate of both receivers, PEM'),
  'tls.key_file': setting(optional(text), '', 'its key, PEM'),
  'tls.client_ca_file': setting(
    optional(text),
    '',
    'when set, senders must have a certificate of this authority, PEM',
  ),
  'auth.bearer_tokens': secret(
    listOf(bearerToken),
    [],
    'when set, senders must have one of these, or of auth.basic',
  ),
  'auth.basic': secret(
    listOf(userAndPassword),
    [],
    'user:password; when set, senders must have one of these, or of auth.bearer_tokens',
  ),
  'ring.bytes': setting(ringBytes, '16MiB', "of each producer's ring, a power of two"),
  receivers: setting(count(1, 1), '1', 'worker threads that receive'),
  lanes: setting(count(1, 1), '1', 'worker threads that decode and write'),
  forwarding: setting(destinations, [], 'destinations that get every request too'),
  'dashboard.enabled': setting(yesOrNo, 'true', 'health, metrics, flush and rotate over HTTP'),
  'dashboard.host': setting(nonEmptyText, '127.0.0.1', 'where the dashboard port listens'),
  'dashboard.port': setting(port, '8080', 'the dashboard port; 0 takes a free one'),
  'dashboard.bearer_token': secret(
    optional(bearerToken),
    '',
    'demanded by all but /health when set',
  ),
  'dashboard.allowed_hosts': setting(
    listOf(nonEmptyText),
    [],
    'Host names answered beside localhost and dashboard.host',
  ),
  'log.level': setting(
    oneOf(['debug', 'info', 'warn', 'error']),
    'info',
    "the recorder's own messages on standard error",
  ),
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;

/** Sizes are bytes, times milliseconds; what is not set is undefined. */
export type Config = {
  readonly [Key in SettingKey]: z.output<(typeof settings)[Key]['schema']>;
};

export const settingKeys = Object.keys(settings) as SettingKey[];

/** All but the list of destinations, which is too much for one text. */
export const flagKeys = settingKeys.filter((key) => key !== 'forwarding');

/** `batch.max_rows` is OTLP_BATCH_MAX_ROWS in the environment. */
export function environmentName(key: SettingKey): string {
  return `OTLP_${key.toUpperCase().replaceAll('.', '_')}`;
}

/** `batch.max_rows` is --batch-max-rows on the command line. */
export function flagName(key: SettingKey): string {
  return `--${key.replaceAll(/[._]/g, '-')}`;
}

/** What a running recorder takes up; all else needs a restart. */
export function isReloadable(key: SettingKey): boolean {
  return /^(rotation\.|retention\.|log\.level$|forwarding$)/.test(key);
}
