/** The composition root of a receiver thread: both protocols, one intake, one ring. */
import { parentPort, workerData } from 'node:worker_threads';
import { openAuthorisation } from '../accept/credentials.ts';
import { openGrpcReceiver } from '../accept/grpc/grpc-receiver.ts';
import { openHttpReceiver } from '../accept/http/http-receiver.ts';
import { Intake, type Publish } from '../accept/intake.ts';
import type { OpenReceiver, ReceiverOptions, TlsMaterial } from '../accept/receiver.ts';
import { readPemFile } from '../config/pem-file.ts';
import { nodeStorage } from '../disk/storage.ts';
import { FULL, Producer, TOO_LARGE } from '../ring/producer.ts';
import { RequestCounter } from '../ring/request-counts.ts';
import { systemClock } from '../shared/clock.ts';
import { invariant } from '../shared/invariant.ts';
import type { Journal } from '../shared/journal.ts';
import { listenFault } from '../shared/listen-fault.ts';
import { outcomes } from '../shared/outcome.ts';
import { signalNumber } from '../shared/signal.ts';
import type { ReceiverCommand, ReceiverReply, ReceiverStart } from './receiver-messages.ts';

/** Looks at the results this often even when no wake came: one that is missed costs no more. */
const resultWaitMsMax = 100;

const { config, signals, ringIndex, requestCounts }: ReceiverStart = workerData;
invariant(parentPort !== null, 'a receiver runs in a worker');
const port = parentPort;
const reply = (message: ReceiverReply) => port.postMessage(message);

const intake = new Intake({
  publish: publishFrame,
  clock: systemClock,
  inflightBytesMax: config.max_inflight_bytes,
});
const counter = new RequestCounter(requestCounts);
const journal: Journal = {
  write: (level, message, fields = {}) => reply({ kind: 'journal', level, message, fields }),
};
/** Undefined while there is no lane: bodies then wait as for a full ring. */
let producer: Producer | undefined;
let isWatching = false;
const receivers: OpenReceiver[] = [];
port.on('message', obey);
await open();

function obey(command: ReceiverCommand): void {
  if (command.kind === 'stop') void close(command.graceMs);
  else if (command.kind === 'lost') loseLane();
  else {
    producer = new Producer(command.memory.buffer, command.layout, ringIndex);
    intake.retry();
  }
}

/** The lane died: what it had acknowledged is told, all else may be sent again. */
function loseLane(): void {
  const lost = producer;
  producer = undefined;
  if (lost === undefined) return;
  lost.takeResults((number) => intake.settle(outcomes[number]!));
  for (let count = lost.framesInFlight; count > 0; count--) intake.settle('unavailable');
}

function publishFrame(...[signal, receivedTimeNs, chunks, bodyBytes]: Parameters<Publish>) {
  if (producer === undefined) return 'full';
  const ticket = producer.publish(signalNumber(signal), receivedTimeNs, chunks, bodyBytes);
  if (ticket === FULL) return 'full';
  if (ticket === TOO_LARGE) return 'too_large';
  if (!isWatching) void watchResults();
  return 'published';
}

/** As long as frames are in flight: their results go to the intake, which may then publish more. */
async function watchResults(): Promise<void> {
  isWatching = true;
  while (producer !== undefined && producer.framesInFlight > 0) {
    const watched = producer;
    await watched.resultsReady(resultWaitMsMax);
    if (watched !== producer) continue;
    watched.takeResults((number) => intake.settle(outcomes[number]!));
    intake.retry();
  }
  isWatching = false;
}

async function open(): Promise<void> {
  const openers = { grpc: openGrpcReceiver, http: openHttpReceiver } as const;
  const ports: { grpc: number | null; http: number | null } = { grpc: null, http: null };
  const secured = readSecurity();
  if (typeof secured === 'string') {
    reply({ kind: 'refused', message: secured });
    await close(0);
    return;
  }
  for (const name of ['grpc', 'http'] as const) {
    if (!config[`${name}.enabled`]) continue;
    const options = { ...optionsOf(name), ...secured };
    try {
      const receiver = await openers[name](options);
      receivers.push(receiver);
      ports[name] = receiver.port;
    } catch (error) {
      reply({ kind: 'refused', message: listenFault(name, options.host, options.port, error) });
      await close(0);
      return;
    }
  }
  reply({ kind: 'listening', ...ports });
}

function optionsOf(name: 'grpc' | 'http'): ReceiverOptions {
  return {
    host: config[`${name}.host`],
    port: config[`${name}.port`],
    signals,
    requestBytesMax: config.max_request_bytes,
    intake,
    countRequest: (signal, transport, code) => counter.add(signal, transport, code),
    corsOrigins: config['http.cors_origins'],
    journal,
  };
}

/** What is demanded of senders, the same of both protocols; or why it cannot be. */
function readSecurity(): Pick<ReceiverOptions, 'authorise' | 'tls'> | string {
  const authorise = openAuthorisation({
    bearerTokens: config['auth.bearer_tokens'],
    basic: config['auth.basic'],
  });
  try {
    return { authorise, tls: readTls() };
  } catch (error) {
    return (error as Error).message;
  }
}

function readTls(): TlsMaterial | undefined {
  const read = (key: 'tls.cert_file' | 'tls.key_file' | 'tls.client_ca_file') => {
    return readPemFile(nodeStorage, key, config[key]);
  };
  const [certificate, key] = [read('tls.cert_file'), read('tls.key_file')];
  const clientAuthorities = read('tls.client_ca_file');
  if (certificate === undefined || key === undefined) return undefined;
  return { certificate, key, ...(clientAuthorities && { clientAuthorities }) };
}

/** Nothing is accepted any more; what was, gets its answer. Then the thread ends. */
async function close(graceMs: number): Promise<void> {
  await Promise.all(receivers.map((receiver) => receiver.close(graceMs)));
  intake.close();
  await intake.drain();
  port.close();
}
