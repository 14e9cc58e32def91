/** The OTLP/HTTP receiver: each request is one POST of protobuf or JSON. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { invariant } from '../../shared/invariant.ts';
import { gatherBody } from '../body/body.ts';
import { listen } from '../listen.ts';
import type { OpenReceiver, ReceiverOptions } from '../receiver.ts';
import { tlsOptions } from '../tls-material.ts';
import { type CrossOrigins, openCrossOrigins } from './cors.ts';
import { HttpExchange } from './http-exchange.ts';
import { OpenConnections } from './open-connections.ts';
import { planRequest } from './request-plan.ts';

const serverOptions = {
  /** Clients send the headers at once; a slower client keeps a connection from others. */
  headersTimeout: 10_000,
  /** Exporters give up after 10 s by default; this leaves six times as long for slow networks. */
  requestTimeout: 60_000,
  /** How often Node checks the two limits above; being a few seconds late does no harm. */
  connectionsCheckingInterval: 5_000,
  /** Metrics are exported once a minute by default, so the exporter's connection is still open. */
  keepAliveTimeout: 75_000,
  /** A reply is one small packet; there is nothing to join it with. */
  noDelay: true,
} as const;

/** Resolves once the server listens; rejects with Node's error if it cannot listen. */
export async function openHttpReceiver(options: ReceiverOptions): Promise<OpenReceiver> {
  const server = newServer(options);
  const connections = new OpenConnections();
  const origins = openCrossOrigins(options.corsOrigins ?? []);
  const receive = (request: IncomingMessage, response: ServerResponse, asksFirst: boolean) => {
    connections.addRequest(request.socket, response);
    receiveRequest(options, origins, request, response, asksFirst);
  };
  const connected = options.tls === undefined ? 'connection' : 'secureConnection';
  server.on(connected, (socket: Socket) => connections.add(socket));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => receive(request, response, false));
  server.on('checkContinue', (request, response) => receive(request, response, true));
  const port = await listen(server, 'OTLP/HTTP', options);
  return {
    port,
    setTls: (material) => {
      invariant('setSecureContext' in server, 'only a receiver with TLS gets new TLS material');
      (server as TlsServer).setSecureContext(tlsOptions(material));
    },
    close: (graceMs) => closeServer(server, connections, sockets, graceMs),
  };
}

function newServer({ tls, journal }: ReceiverOptions): Server {
  if (tls === undefined) return createServer(serverOptions);
  const server = createTlsServer({ ...serverOptions, ...tlsOptions(tls) });
  server.on('tlsClientError', ({ message }) => {
    journal.write('debug', `OTLP/HTTP: a TLS handshake failed: ${message}`);
  });
  return server;
}

/**
 * `asksFirst` is true if the client sent `Expect: 100-continue` and waits before it sends its body.
 * Such a client gets either `100 Continue` or the refusal.
 */
function receiveRequest(
  options: ReceiverOptions,
  origins: CrossOrigins,
  request: IncomingMessage,
  response: ServerResponse,
  asksFirst: boolean,
): void {
  origins.mark(request, response);
  if (origins.answerPreflight(request, response)) return;
  const { method = '', url = '', headers } = request;
  const plan = planRequest({ method, url, headers }, options);
  const exchange = new HttpExchange(options, response, plan.signal, plan.format);
  if (plan.kind === 'refuse') {
    // The client may send its body all the same, and it would be read as the next request.
    if (asksFirst) response.shouldKeepAlive = false;
    exchange.refuse(plan.refusal);
    return;
  }
  if (asksFirst) response.writeContinue();
  const { requestBytesMax, intake } = options;
  gatherBody(request, plan.encoding, { requestBytesMax, budget: intake }, (result) => {
    exchange.takeBody(plan.signal, result);
  });
}

function closeServer(
  server: Server,
  connections: OpenConnections,
  sockets: ReadonlySet<Socket>,
  graceMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      // This includes sockets in their TLS handshake, which Node's server does not close.
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    connections.end();
  });
}
