/** A recorder that forwards, and destinations that identify requests by numbers. */
import assert from 'node:assert/strict';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestType } from '../../src/shared/otlp-messages.ts';
import type { Signal } from '../../src/shared/signal.ts';
import {
  type FakeDestination,
  type FakeOptions,
  openFakeDestination,
  type ReceivedRequest,
} from '../client/fake-destination.ts';
import { makeFolder, type RecorderProcess, startRecorder } from '../recorder/recorder-process.ts';

/** If a condition takes longer, the test fails. */
const arrivalMsMax = 30_000;

/** Short delays for tests. */
const quick = {
  retry: { initial_delay: '20ms', max_delay: '200ms' },
  breaker: { reset_timeout: '200ms' },
};

/** An entry of `forwarding`, with a port in place of its endpoint. */
export interface DestinationEntry extends Readonly<Record<string, unknown>> {
  readonly port: number;
}

/** A configuration file that can be replaced while the recorder runs. */
export class ConfigFile {
  readonly path = join(makeFolder(), 'archer.yaml');

  constructor(entries: readonly DestinationEntry[]) {
    this.write(entries);
  }

  /** Replaces the file atomically, as an editor does. */
  write(entries: readonly DestinationEntry[]): void {
    const forwarding = entries.map(({ port, ...entry }) => {
      return { name: 'up', endpoint: `http://127.0.0.1:${port}`, ...quick, ...entry };
    });
    writeFileSync(`${this.path}.new`, JSON.stringify({ forwarding }));
    renameSync(`${this.path}.new`, this.path);
  }
}

export function startForwarding(
  entries: readonly DestinationEntry[] | ConfigFile,
  flags: readonly string[] = [],
  outputDir = makeFolder(),
  environment: Record<string, string> = {},
): Promise<RecorderProcess> {
  const { path } = entries instanceof ConfigFile ? entries : new ConfigFile(entries);
  return startRecorder(['--config', path, ...flags], outputDir, environment);
}

/** Makes a request with one item, which has the attribute `id`. */
export function requestOf(signal: Signal, id: number, fillBytes = 0): Uint8Array {
  const attributes = [
    { key: 'id', value: { intValue: id } },
    { key: 'fill', value: { stringValue: 'x'.repeat(fillBytes) } },
  ];
  const traceId = Buffer.alloc(16);
  traceId.writeUInt32BE(Math.imul(id, 2654435761) >>> 0, 12);
  const span = { traceId, name: 'x', attributes };
  const metric = { name: 'x', gauge: { dataPoints: [{ asInt: id, attributes }] } };
  const messages = {
    traces: { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] },
    metrics: { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] },
    logs: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] },
  };
  const type = requestType(signal);
  return type.encode(type.fromObject(messages[signal])).finish();
}

/** Sends one request and asserts that it is acknowledged. */
export async function post(
  recorder: RecorderProcess,
  signal: Signal,
  id: number,
  fillBytes = 0,
): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(requestOf(signal, id, fillBytes)),
  });
  assert.equal(response.status, 200);
}

/** Sends one request of the signal for each id. */
export async function postAll(
  recorder: RecorderProcess,
  signal: Signal,
  ids: readonly number[],
  fillBytes = 0,
): Promise<void> {
  for (const id of ids) await post(recorder, signal, id, fillBytes);
}

export function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

/** Returns the id of a received request, protobuf or JSON. */
export function idOf({ signal, headers, body }: ReceivedRequest): number {
  assert.ok(signal !== undefined);
  const isJson = headers['content-type'] === 'application/json';
  const type = requestType(signal);
  const message = isJson ? JSON.parse(body.toString()) : type.toObject(type.decode(body));
  return Number(findId(message));
}

/** Returns the ids of the signal, or of all signals, in order of arrival. */
export function idsOf({ received }: FakeDestination, signal?: Signal): number[] {
  return received.filter((request) => signal === undefined || request.signal === signal).map(idOf);
}

interface Attribute {
  readonly key?: string;
  readonly value?: { readonly intValue?: unknown };
}

function findId(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return undefined;
  const { key, value } = message as Attribute;
  if (key === 'id') return value?.intValue;
  for (const part of Object.values(message)) {
    const found = findId(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const endMs = performance.now() + arrivalMsMax;
  while (!(await condition())) {
    assert.ok(performance.now() < endMs, what);
    await sleep(20);
  }
}

/** Waits until the destination has received at least these requests. */
export async function arrived(
  destination: FakeDestination,
  ids: readonly number[],
  signal?: Signal,
): Promise<void> {
  const known = new Set<number>();
  let seen = 0;
  const hasAll = () => {
    for (const request of destination.received.slice(seen)) {
      seen += 1;
      if (signal === undefined || request.signal === signal) known.add(idOf(request));
    }
    return ids.every((id) => known.has(id));
  };
  await until(`${ids.length} requests arrive, ${known.size} did`, hasAll);
}

/** Reads a counter or gauge of a destination. */
export async function metric(
  recorder: RecorderProcess,
  name: string,
  destination = 'up',
): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${recorder.ports.dashboard}/metrics`);
  const series = `archer_forward_${name}{destination="${destination}"}`;
  const line = (await answer.text()).split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length));
}

export async function health(recorder: RecorderProcess): Promise<{ status: string; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${recorder.ports.dashboard}/health`);
  const text = await answer.text();
  return { status: JSON.parse(text).status, text };
}

export function cursorPath(outputDir: string, destination: string): string {
  return join(cursorFolder(outputDir), `${destination}.cursor`);
}

export function cursorFiles(outputDir: string): string[] {
  return readdirSync(cursorFolder(outputDir)).sort();
}

function cursorFolder(outputDir: string): string {
  return join(outputDir, '.archer', 'forwarding');
}

const closers = new Set<() => Promise<void>>();

/** Opens a destination that `closeDestinations` closes. */
export async function openDestination(
  protocol: 'http' | 'grpc' = 'http',
  options: FakeOptions = {},
): Promise<FakeDestination> {
  const destination = await openFakeDestination(protocol, options);
  const close = async () => {
    if (closers.delete(close)) await destination.close();
  };
  closers.add(close);
  return { ...destination, close };
}

/** For `after`: closes all open destinations. */
export async function closeDestinations(): Promise<void> {
  await Promise.all([...closers].map((close) => close()));
}
