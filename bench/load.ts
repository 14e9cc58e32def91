/** The load generator, a process of its own: obeys its parent's orders, one after the other. */
import { readCorpus } from './corpus.ts';
import { type OpenConnection, prepareConnections, type Transport } from './load-connection.ts';

/** What the process is started with, as its only argument in JSON. */
export interface LoadOptions {
  readonly transport: Transport;
  readonly corpusPath: string;
}

export interface LoadOrder {
  readonly port: number;
  readonly connectionCount: number;
  /** No request begins after either is reached; those under way are waited for. */
  readonly durationMs: number;
  readonly requestCountMax: number;
}

export interface LoadResult {
  readonly acceptedCount: number;
  readonly refusedCount: number;
  readonly seconds: number;
  /** From the first byte sent to the answer, of each accepted request. */
  readonly latenciesMs: readonly number[];
  /** Of this process. */
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
        const sentMs = performance.now();
        if (await connection.send(sentCount++)) latenciesMs.push(performance.now() - sentMs);
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
