/**
 * The requests of the benches: spans of about 470 bytes, as the servers of a web shop produce them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { requestType } from '../src/shared/otlp-messages.ts';
import { Random } from '../src/shared/random.ts';

export interface CorpusOptions {
  /** Rows per request, spread evenly over its resources. */
  readonly spansPerRequest: number;
  readonly requestCount: number;
  readonly seed: number;
}

export const resourcesPerRequest = 4;
const lengthBytes = 4;
export const startTime = 1_763_683_200_000_000_000n;
const nsBetweenSpansMax = 2_000_000;
const durationNsMax = 50_000_000;
const routes = [
  '/api/users/:id',
  '/api/orders',
  '/cart',
  '/checkout',
  '/login',
  '/products/:sku',
  '/health',
  '/search',
];

/** Returns requests in protobuf. The same options give the same bytes. */
export function buildCorpus({ spansPerRequest, requestCount, seed }: CorpusOptions): Buffer[] {
  const type = requestType('traces');
  const random = new Random(seed);
  const clock = { now: startTime };
  const spansPerResource = Math.ceil(spansPerRequest / resourcesPerRequest);
  return Array.from({ length: requestCount }, (_, request) => {
    const resourceSpans = Array.from({ length: resourcesPerRequest }, (_, resource) => ({
      resource: { attributes: resourceAttributes(resource, request) },
      scopeSpans: [
        {
          scope: { name: '@opentelemetry/instrumentation-http', version: '0.52.0' },
          spans: Array.from({ length: spansPerResource }, () => makeSpan(random, clock)),
        },
      ],
    }));
    return Buffer.from(type.encode(type.fromObject({ resourceSpans })).finish());
  });
}

/** The requests, each after its length, so that one process can build them for others. */
export function writeCorpus(path: string, requests: readonly Buffer[]): void {
  const parts = requests.flatMap((request) => {
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt32LE(request.length);
    return [length, request];
  });
  writeFileSync(path, Buffer.concat(parts));
}

export function readCorpus(path: string): Buffer[] {
  const file = readFileSync(path);
  const requests: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const start = at + lengthBytes;
    at = start + file.readUInt32LE(at);
    requests.push(file.subarray(start, at));
  }
  return requests;
}

function makeSpan(random: Random, clock: { now: bigint }): object {
  clock.now += BigInt(random.below(nsBetweenSpansMax));
  const start = clock.now;
  const route = random.pick(routes);
  const method = random.pick(['GET', 'POST']);
  return {
    traceId: random.bytes(16),
    spanId: random.bytes(8),
    ...(random.chance(0.8) && { parentSpanId: random.bytes(8) }),
    name: `${method} ${route}`,
    kind: random.between(1, 5),
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + BigInt(random.below(durationNsMax))),
    attributes: spanAttributes(random, method, route),
    ...(random.chance(0.2) && { events: [exceptionAt(start)] }),
    status: random.chance(0.1) ? { message: 'timeout', code: 2 } : {},
    flags: 257,
  };
}

function spanAttributes(random: Random, method: string, route: string): object[] {
  const path = route
    .replace(':id', String(random.below(100_000)))
    .replace(':sku', `sku-${random.below(10_000)}`);
  return [
    textAttribute('http.request.method', method),
    textAttribute('url.path', path),
    textAttribute('http.route', route),
    {
      key: 'http.response.status_code',
      value: { intValue: random.pick([200, 200, 200, 404, 500]) },
    },
    textAttribute('server.address', `shop-${random.below(10)}.internal`),
    { key: 'server.port', value: { intValue: 8080 } },
    textAttribute('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'),
    textAttribute('network.protocol.version', '1.1'),
    textAttribute('client.address', `10.0.${random.below(256)}.${random.below(256)}`),
    { key: 'app.cache_hit', value: { boolValue: random.chance(0.5) } },
    { key: 'app.score', value: { doubleValue: random.fraction() } },
  ];
}

function exceptionAt(time: bigint): object {
  const attributes = [
    textAttribute('exception.type', 'TimeoutError'),
    textAttribute('exception.message', 'upstream timed out after 5000ms'),
  ];
  return { timeUnixNano: String(time), name: 'exception', attributes };
}

export function resourceAttributes(resource: number, request: number): object[] {
  return [
    textAttribute('service.name', `svc-${resource}`),
    textAttribute('service.version', `1.2.${resource}`),
    textAttribute('host.name', `node-${resource}-${request % 10}`),
    textAttribute('telemetry.sdk.language', 'nodejs'),
  ];
}

export function textAttribute(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}
