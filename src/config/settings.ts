/** The one schema of all settings: types, defaults, bounds, meanings and names. */
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

/** One setting: the schema of its value, its default as a user would write it, its meaning. */
export interface Setting<Value = unknown> {
  readonly schema: z.ZodType<Value>;
  /** An empty text if there is no default. */
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

/** One day, in which no reader sees the rows. A timer of Node holds it too. */
const batchAgeMsMax = 86_400_000;

const ringBytes = size(64 * KiB, GiB).refine(
  (bytes) => Number.isInteger(Math.log2(bytes)),
  'must be a power of two',
);

/** Characters that a header can hold. */
const bearerToken = text.regex(/^[\x21-\x7e]+$/, 'must be printable, without spaces');
const userAndPassword = text.regex(/^[^:]+:.+$/, 'must be user:password');
const age = duration(0, durationMsMax);

/**
 * All settings by their keys in the configuration file, with a dot for each level. The upper bounds
 * keep the memory that a setting reserves within the 4 GiB of a WebAssembly memory.
 */
export const settings = {
  output_dir: setting(nonEmptyText, './output', 'directory of all files that the recorder writes'),
  preset: setting(
    oneOf(['balanced', 'low_latency', 'high_throughput']),
    'balanced',
    'set of defaults: balanced, low_latency or high_throughput',
  ),
  durability: setting(
    oneOf(['received', 'logged', 'synced']),
    'logged',
    'what acknowledged requests survive; received: nothing, logged: kill -9, synced: power loss',
  ),
  'batch.max_rows': setting(
    count(1, 1_000_000),
    '10000',
    'a batch is written when it holds this many rows',
  ),
  'batch.max_bytes': setting(
    size(MiB, GiB),
    '256MiB',
    'bytes of columns in a batch; a request that needs more by itself is refused as too large',
  ),
  'batch.max_age': setting(
    duration(1, batchAgeMsMax),
    '5s',
    'a batch is written at this age at the latest',
  ),
  compression: setting(
    oneOf(['zstd', 'none']),
    'zstd',
    'compression of the Arrow buffers: zstd or none',
  ),
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
    'cron expression, in UTC, of times at which segments are sealed, too',
  ),
  'rotation.seal_format': setting(
    oneOf(['stream', 'file']),
    'stream',
    'format of sealed segments: Arrow IPC stream or file',
  ),
  'retention.max_age': setting(
    age,
    '7d',
    "sealed segments are deleted at this age, counted from their newest row's arrival; 0: never",
  ),
  'retention.traces.max_age': setting(
    optional(age),
    '',
    'for traces, instead of retention.max_age',
  ),
  'retention.metrics.max_age': setting(
    optional(age),
    '',
    'for metrics, instead of retention.max_age',
  ),
  'retention.logs.max_age': setting(optional(age), '', 'for logs, instead of retention.max_age'),
  'retention.max_bytes': setting(
    size(0, unbounded),
    '10GiB',
    'size of all sealed segments; the oldest are deleted first; 0: no limit',
  ),
  'retention.min_free_bytes': setting(
    size(0, unbounded),
    '1GiB',
    'below it old segments are deleted; if that is not enough, requests are refused; 0: no check',
  ),
  'retention.schedule': setting(
    cron,
    '* * * * *',
    'cron expression, in UTC, of times at which retention deletes segments',
  ),
  'grpc.enabled': setting(yesOrNo, 'true', 'receive OTLP/gRPC'),
  'grpc.host': setting(nonEmptyText, '127.0.0.1', 'address on which OTLP/gRPC listens'),
  'grpc.port': setting(port, '4317', 'port of OTLP/gRPC; 0: any free port'),
  'http.enabled': setting(yesOrNo, 'true', 'receive OTLP/HTTP, protobuf and JSON'),
  'http.host': setting(nonEmptyText, '127.0.0.1', 'address on which OTLP/HTTP listens'),
  'http.port': setting(port, '4318', 'port of OTLP/HTTP; 0: any free port'),
  'http.cors_origins': setting(
    listOf(origin),
    [],
    'origins of web pages that may send over OTLP/HTTP; *: all',
  ),
  max_request_bytes: setting(
    size(KiB, 512 * MiB),
    '64MiB',
    'size of one request, before and after decompression',
  ),
  max_inflight_bytes: setting(
    size(KiB, 4 * GiB),
    '128MiB',
    'bytes of requests that are being received or wait for a lane; more are refused, to be retried',
  ),
  'wal.max_bytes': setting(
    size(8 * MiB, 16 * GiB),
    '256MiB',
    'size of the write-ahead log of a lane: fixed, preallocated, reused',
  ),
  'tls.cert_file': setting(optional(text), '', 'certificate of both receivers, PEM'),
  'tls.key_file': setting(optional(text), '', 'key of tls.cert_file, PEM'),
  'tls.client_ca_file': setting(
    optional(text),
    '',
    'authority, PEM; if set, senders must present a certificate that it has signed',
  ),
  'auth.bearer_tokens': secret(
    listOf(bearerToken),
    [],
    'if set, senders must send one of these tokens, or one of auth.basic',
  ),
  'auth.basic': secret(
    listOf(userAndPassword),
    [],
    'user:password; if set, senders must send one of these, or one of auth.bearer_tokens',
  ),
  'ring.bytes': setting(
    ringBytes,
    '16MiB',
    'size of the ring between a receiver and a lane, a power of two',
  ),
  receivers: setting(count(1, 1), '1', 'threads that receive requests'),
  lanes: setting(count(1, 1), '1', 'threads that decode requests and write segments'),
  forwarding: setting(destinations, [], 'destinations to which every request is sent'),
  'dashboard.enabled': setting(
    yesOrNo,
    'true',
    'serve health, metrics, flush and rotate over HTTP',
  ),
  'dashboard.host': setting(
    nonEmptyText,
    '127.0.0.1',
    'address on which the dashboard port listens',
  ),
  'dashboard.port': setting(port, '8080', 'the dashboard port; 0: any free port'),
  'dashboard.bearer_token': secret(
    optional(bearerToken),
    '',
    'if set, all paths except /health need this token',
  ),
  'dashboard.allowed_hosts': setting(
    listOf(nonEmptyText),
    [],
    'host names that are answered besides localhost and dashboard.host; * means any',
  ),
  'log.level': setting(
    oneOf(['debug', 'info', 'warn', 'error']),
    'info',
    "lowest level of the recorder's own messages on standard error",
  ),
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingKey = keyof typeof settings;

/** The value of each setting. Sizes are bytes, times are milliseconds. */
export type Config = {
  readonly [Key in SettingKey]: z.output<(typeof settings)[Key]['schema']>;
};

export const settingKeys = Object.keys(settings) as SettingKey[];

/** The settings with a flag and a variable: all except the list of destinations. */
export const flagKeys = settingKeys.filter((key) => key !== 'forwarding');

/** Returns OTLP_BATCH_MAX_ROWS for `batch.max_rows`. */
export function environmentName(key: SettingKey): string {
  return `OTLP_${key.toUpperCase().replaceAll('.', '_')}`;
}

/** Returns --batch-max-rows for `batch.max_rows`. */
export function flagName(key: SettingKey): string {
  return `--${key.replaceAll(/[._]/g, '-')}`;
}

/** True if a running recorder can apply a change; other settings need a restart. */
export function isReloadable(key: SettingKey): boolean {
  return /^(rotation\.|retention\.|log\.level$|forwarding$)/.test(key);
}
