/**
 * The load generator, a process of its own. It carries out its parent's orders one after the other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readCorpus } from './corpus.ts';
import { type OpenConnection, prepareConnections, type Transport } from './load-connection.ts';

/** The only argument of the process, in JSON. */
export interface LoadOptions {
  readonly transport: Transport;
  readonly corpusPath: string;
}

export interface LoadOrder {
  readonly port: number;
  readonly connectionCount: number;
  /** No request begins after either limit is reached; requests in flight are awaited. */
  readonly durationMs: number;
  readonly requestCountMax: number;
  /**
   * Requests per second. If undefined, each connection sends its next request as soon as it has its
   * answer.
   */
  readonly requestsPerSecond?: number;
}

export interface LoadResult {
  readonly acceptedCount: number;
  readonly refusedCount: number;
  readonly seconds: number;
  /**
   * Latency of each accepted request, from the first byte sent to the answer. If the load is paced,
   * it counts from the time when the request was due, so that waiting for a connection counts.
   */
  readonly latenciesMs: readonly number[];
  /** CPU time of this process. */
  readonly cpuSeconds: number;
}

const options: LoadOptions = JSON.parse(process.argv[2] ?? '');
const open = prepareConnections(options.transport, readCorpus(options.corpusPath));
process.on('message', async (order: LoadOrder) => process.send?.(await obey(open, order)));
process.once('disconnect', () => process.exit());
process.send?.('ready');

async function obey(open: OpenConnection, order: LoadOrder): Promise<LoadResult> {
  const connections = await Promise.all(
    Array.from({ length: order.connectionCount }, () => open(order.port)),
  );
  const before = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + order.durationMs;
  const latenciesMs: number[] = [];
  let sentCount = 0;
  let refusedCount = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (sentCount < order.requestCountMax && performance.now() < endMs) {
        const requestNumber = sentCount++;
        const dueMs = await due(order, startMs, requestNumber);
        if (await connection.send(requestNumber)) latenciesMs.push(performance.now() - dueMs);
        else refusedCount++;
      }
    }),
  );
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  for (const connection of connections) connection.close();
  const cpuSeconds = (user + system) / 1e6;
  return { acceptedCount: latenciesMs.length, refusedCount, seconds, latenciesMs, cpuSeconds };
}

/** Waits until the request is due and resolves with that time. */
async function due(
  { requestsPerSecond }: LoadOrder,
  startMs: number,
  requestNumber: number,
): Promise<number> {
  if (requestsPerSecond === undefined) return performance.now();
  const dueMs = startMs + (requestNumber / requestsPerSecond) * 1000;
  const waitMs = dueMs - performance.now();
  if (waitMs <= 0) return dueMs;
  await sleep(waitMs);
  // A late timer of this process must not count as latency of the target.
  return performance.now();
}
