/** Opens the listening socket of a receiver, with the bounds that both protocols share. */
import type { AddressInfo, Server } from 'node:net';
import type { Journal } from '../shared/journal.ts';

/**
 * Connections of one receiver; more are closed as they come. An idle one costs some 20 KiB, and a
 * fleet larger than this stands behind collectors or a load balancer.
 */
const connectionCountMax = 4096;

/** A fleet that reconnects at once waits here for its turn; the system may allow less. */
const backlogCount = 1024;

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly journal: Journal;
}

/** Resolves with the port once the server listens; rejects with Node's error when it cannot. */
export function listen(server: Server, name: string, options: ListenOptions): Promise<number> {
  const { host, port, journal } = options;
  server.maxConnections = connectionCountMax;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: backlogCount }, () => {
      server.off('error', reject);
      server.on('error', (error) => {
        journal.write('warn', `${name} cannot accept a connection: ${error.message}`);
      });
      resolve((server.address() as AddressInfo).port);
    });
  });
}
