/** OTLP/HTTP: protobuf and JSON, one POST for each request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { gatherBody } from '../body/body.ts';
import { listen } from '../listen.ts';
import type { OpenReceiver, ReceiverOptions, TlsMaterial } from '../receiver.ts';
import { type CrossOrigins, openCrossOrigins } from './cors.ts';
import { HttpExchange } from './http-exchange.ts';
import { OpenConnections } from './open-connections.ts';
import { planRequest } from './request-plan.ts';

const serverOptions = {
  /** A head is sent at once; who takes longer keeps a connection from others. */
  headersTimeout: 10_000,
  /** Exporters give up after 10 s unless told otherwise; a slower line gets six times that. */
  requestTimeout: 60_000,
  /** How often the two are looked at: a few seconds late is soon enough. */
  connectionsCheckingInterval: 5_000,
  /** Metrics are exported once a minute by default: an exporter finds its connection still open. */
  keepAliveTimeout: 75_000,
  /** A reply is one small packet, and nothing follows that it could wait for. */
  noDelay: true,
} as const;

/** A client that does not end its handshake keeps a connection from others, too. */
const handshakeTimeout = 10_000;

/** Resolves once it listens; rejects with Node's error when it cannot. */
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
  return { port, close: (graceMs) => closeServer(server, connections, sockets, graceMs) };
}

function newServer({ tls, journal }: ReceiverOptions): Server {
  if (tls === undefined) return createServer(serverOptions);
  const server = createTlsServer({ ...serverOptions, ...tlsOptions(tls), handshakeTimeout });
  server.on('tlsClientError', ({ message }) => {
    journal.write('debug', `OTLP/HTTP: a TLS handshake failed: ${message}`);
  });
  return server;
}

function tlsOptions({ certificate, key, clientAuthorities }: TlsMaterial): TlsOptions {
  if (clientAuthorities === undefined) return { cert: certificate, key };
  const demand = { requestCert: true, rejectUnauthorized: true };
  return { cert: certificate, key, ca: clientAuthorities, ...demand };
}

/** A client that asks before it sends its body hears a refusal instead of the invitation. */
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
    // It may send its body nevertheless, which could not be told from a next request.
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
      // Those too that are in the middle of their TLS handshake, of which Node's server knows
      // nothing.
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    connections.end();
  });
}
