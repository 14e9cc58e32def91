/**
 * A destination in its own process, which can be killed. It writes each request to disk before it
 * answers.
 */
import { appendFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { requestType } from '../../src/shared/otlp-messages.ts';
import type { Signal } from '../../src/shared/signal.ts';
import { openFakeDestination } from '../client/fake-destination.ts';
import { signalOfPath } from '../client/fake-paths.ts';
import { itemName } from './load.ts';

/** The only argument of the process, in JSON. */
export interface DestinationStart {
  readonly transport: 'http' | 'grpc';
  readonly port: number;
  /** Path of the file that gets a line of JSON for each request. */
  readonly path: string;
}

export interface Arrival {
  readonly unixMs: number;
  /** Names of all items in the request. */
  readonly names: readonly string[];
}

const start: DestinationStart = JSON.parse(process.argv[2] ?? '');
const destination = await openFakeDestination(start.transport, { port: start.port });
destination.script.take = (path, headers, body) => {
  const signal = signalOfPath(path);
  if (signal === undefined) throw new Error(`a request to ${path}`);
  const arrival: Arrival = { unixMs: Date.now(), names: itemNames(signal, headers, body) };
  appendFileSync(start.path, `${JSON.stringify(arrival)}\n`);
};
process.send?.(destination.port);
process.once('disconnect', () => process.exit());

function itemNames(signal: Signal, headers: IncomingHttpHeaders, body: Buffer): string[] {
  const isJson = headers['content-type'] === 'application/json';
  const type = requestType(signal);
  const message: unknown = isJson
    ? JSON.parse(body.toString())
    : type.toObject(type.decode(body), { bytes: String });
  const ids = signal === 'traces' ? spanIds(message, isJson) : attributeIds(message);
  return ids.map((id) => itemName(signal, id));
}

function spanIds(message: unknown, isHex: boolean): string[] {
  return valuesOf(message, 'spanId').map((id) => {
    return isHex ? String(id) : Buffer.from(String(id), 'base64').toString('hex');
  });
}

/** Finds ids by their form: no other text of the load looks like one. */
function attributeIds(message: unknown): string[] {
  return valuesOf(message, 'stringValue')
    .map(String)
    .filter((text) => /^[0-9a-f]{16}$/.test(text));
}

/** Returns the values of all fields with this name at any depth, in order. */
function valuesOf(message: unknown, name: string): unknown[] {
  if (typeof message !== 'object' || message === null) return [];
  return Object.entries(message).flatMap(([key, value]) => {
    return key === name ? [value] : valuesOf(value, name);
  });
}
