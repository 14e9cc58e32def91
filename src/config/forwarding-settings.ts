/** The settings of a destination to which requests are forwarded. */
import { z } from 'zod';
import { isClientHeader, isHeaderName, isHeaderValue } from '../shared/http-header.ts';
import { compressions, protocols } from '../shared/otlp-protocol.ts';
import { signals } from '../shared/signal.ts';
import { durationText } from './units.ts';
import { count, decimal, duration, nonEmptyText, oneOf, text } from './value-kinds.ts';

/** Each destination has its own cursor, sockets and circuit breaker. More is a router's work. */
const destinationCountMax = 16;

const hour = 3_600_000;

/** One trace in a million. To send none, remove the destination. */
const ratioMin = 0.000001;

/** The name becomes part of a file name and a label of metrics. */
const name = text.regex(
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/,
  'must be 1 to 63 letters, digits, dots, dashes or underscores, with no dot or dash in front',
);

const headerName = text
  .refine(isHeaderName, 'is not a header name')
  .refine((given) => !isClientHeader(given), 'is a header that the recorder sets itself');

const headerValue = text.refine(isHeaderValue, 'must fit into one line of a header');

const secret = headerValue.min(1, 'must not be empty');

/** Secrets belong in `auth`, where they are hidden. The path of the signal is appended. */
const endpoint = text
  .refine((given) => ['http:', 'https:'].includes(protocolOf(given)), {
    error: 'must be a URL such as https://collector:4318',
    abort: true,
  })
  .refine((given) => new URL(given).username === '' && new URL(given).password === '', {
    error: 'holds a user or a password: put them in auth',
  })
  .refine((given) => !/[?#]/.test(given), 'must end with its path, as /v1/traces is appended');

function protocolOf(given: string): string {
  return URL.canParse(given) ? new URL(given).protocol : '';
}

const noAuth = z.strictObject({ type: z.literal('none') });

/** Allows `auth: none` instead of `auth: {type: none}`. */
const noAuthShort = z.codec(z.literal('none'), noAuth, {
  decode: () => ({ type: 'none' as const }),
  encode: () => 'none' as const,
});

const auth = z.union([
  noAuthShort,
  z.discriminatedUnion(
    'type',
    [
      noAuth,
      z.strictObject({ type: z.literal('basic'), username: nonEmptyText, password: nonEmptyText }),
      z.strictObject({ type: z.literal('bearer_token'), token: secret }),
      z.strictObject({
        type: z.literal('api_key'),
        header: headerName.prefault('X-API-Key'),
        value: secret,
      }),
    ],
    'must be none, or have a type: none, basic, bearer_token or api_key',
  ),
]);

const tls = z
  .strictObject({
    ca_file: nonEmptyText.optional(),
    cert_file: nonEmptyText.optional(),
    key_file: nonEmptyText.optional(),
  })
  .refine(
    ({ cert_file, key_file }) => (cert_file === undefined) === (key_file === undefined),
    'must have both cert_file and key_file, or neither',
  );

const retry = z
  .strictObject({
    initial_delay: duration(1, hour).prefault('100ms'),
    multiplier: decimal(1, 100).prefault(2),
    max_delay: duration(1, hour).prefault('10s'),
  })
  .refine(({ initial_delay, max_delay }) => initial_delay <= max_delay, {
    error: ({ input }) => delaysFault(input as RetryDelays),
  });

interface RetryDelays {
  readonly initial_delay: number;
  readonly max_delay: number;
}

function delaysFault({ initial_delay, max_delay }: RetryDelays): string {
  const [initial, max] = [initial_delay, max_delay].map(durationText);
  return `initial_delay (${initial}) is above max_delay (${max}): change one of them`;
}

const breaker = z.strictObject({
  failures: count(1, 1_000).prefault(5),
  reset_timeout: duration(1, 24 * hour).prefault('30s'),
  successes: count(1, 1_000).prefault(2),
});

const signalNames = z
  .array(oneOf(signals))
  .min(1, 'must name a signal')
  .refine((given) => new Set(given).size === given.length, 'must name each signal once');

const destination = z
  .strictObject({
    name,
    endpoint,
    protocol: oneOf(protocols).prefault('http/protobuf'),
    compression: oneOf(compressions).prefault('gzip'),
    headers: z.record(headerName, headerValue).prefault({}),
    auth: auth.prefault('none'),
    tls: tls.prefault({}),
    timeout: duration(1, hour).prefault('10s'),
    signals: signalNames.prefault([...signals]),
    sampling: z.strictObject({ ratio: decimal(ratioMin, 1).prefault(1) }).prefault({}),
    concurrency: count(1, 256).prefault(4),
    rate_limit: count(0, 1_000_000).prefault(0),
    retry: retry.prefault({}),
    breaker: breaker.prefault({}),
    start: oneOf(['now', 'beginning']).prefault('now'),
  })
  .refine((given) => Object.keys(given.tls).length === 0 || /^https:/i.test(given.endpoint), {
    error: 'is for an endpoint that begins with https://',
    path: ['tls'],
  })
  .refine((given) => given.protocol !== 'grpc' || new URL(given.endpoint).pathname === '/', {
    error: 'must have no path, as gRPC has its own',
    path: ['endpoint'],
  });

/** Times are in milliseconds. */
export type ForwardingDestination = z.output<typeof destination>;

export const destinations = z
  .array(destination, 'must be a list of destinations')
  .max(destinationCountMax, `must be ${destinationCountMax} destinations at most`)
  .superRefine((given, context) => {
    for (const [index, { name }] of given.entries()) {
      if (given.findIndex((other) => other.name === name) === index) continue;
      const message = 'is the name of another destination too';
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    }
  });
