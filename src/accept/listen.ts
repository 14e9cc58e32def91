/** Opens the listening socket of a receiver with the limits that both protocols share. */
import type { AddressInfo, Server } from 'node:net';
import type { Journal } from '../shared/journal.ts';

/**
 * Connections of one listener; further ones are closed at once. An idle connection costs about
 * 20 KiB. Larger fleets send through collectors or a load balancer.
 */
const connectionCountMax = 4096;

/** Connections that wait to be accepted, as after a restart; the system may allow fewer. */
const backlogCount = 1024;

export interface ListenOptions {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly journal: Journal;
}

/** Resolves with the port once the server listens; rejects with Node's error if it cannot. */
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
