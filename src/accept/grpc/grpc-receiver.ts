/** The OTLP/gRPC receiver: unary Export methods whose messages pass through undecoded. */
import { createServer, type Server as Listener, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsListener } from 'node:tls';
import {
  Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerOptions,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { statusDetailsKey } from '../../shared/google-rpc.ts';
import { invariant } from '../../shared/invariant.ts';
import { exportMethodPath } from '../../shared/otlp-messages.ts';
import type { Signal } from '../../shared/signal.ts';
import { listen } from '../listen.ts';
import type { OpenReceiver, ReceiverOptions } from '../receiver.ts';
import type { RefusedRequest } from '../refusal-log.ts';
import { noRoom, type Refusal, refusalOf, requestTooLarge, unauthenticated } from '../reply.ts';
import { tlsOptions } from '../tls-material.ts';

/*
 * grpc-js passes on whole messages only. While it gathers the frames of a message and inflates it,
 * those bytes are not counted in max_inflight_bytes: only max_request_bytes bounds them, for each
 * stream. They are counted from the moment when grpc-js passes the message on.
 */

/** Streams of one connection. HTTP/2 advises 100 or more; exporters use ten at most by default. */
const streamCountMax = 100;

/** A peer that vanished is noticed after the sum of both: a ping, and the wait for its answer. */
const keepaliveTimeMs = 60_000;
const keepaliveTimeoutMs = 20_000;

/** Ten times the default period of metrics exporters, so that senders stay connected. */
const connectionIdleMsMax = 600_000;

/** An Export…ServiceResponse without fields. */
const emptyResponse = Buffer.alloc(0);

/** Resolves once the server listens; rejects with Node's error if it cannot listen. */
export async function openGrpcReceiver(options: ReceiverOptions): Promise<OpenReceiver> {
  const server = new Server(serverOptions(options));
  for (const signal of options.signals) {
    server.addService(exportService(signal), { export: exportHandler(signal, options) });
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = openListener(options, (socket) => injector.injectConnection(socket));
  const sockets = new Set<Socket>();
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listen(listener, 'OTLP/gRPC', options);
  return {
    port,
    setTls: (material) => {
      invariant('setSecureContext' in listener, 'only a receiver with TLS gets new TLS material');
      (listener as TlsListener).setSecureContext(tlsOptions(material));
    },
    close: (graceMs) => closeServer(listener, sockets, server, graceMs),
  };
}

/**
 * Listens with Node's own servers, so that errors, backlog and limits are those of OTLP/HTTP, and
 * so that a TLS certificate can be replaced. grpc-js gets connections that are already decrypted.
 */
function openListener(
  { tls, journal }: ReceiverOptions,
  onConnection: (socket: Socket) => void,
): Listener {
  if (tls === undefined) return createServer({ noDelay: true }, onConnection);
  const options = { ...tlsOptions(tls), ALPNProtocols: ['h2'], noDelay: true };
  const listener = createTlsServer(options, (socket) => {
    // The HTTP/2 session ends with its socket; without a listener the error would be thrown.
    socket.on('error', () => {});
    onConnection(socket);
  });
  listener.on('tlsClientError', ({ message }) => {
    journal.write('debug', `OTLP/gRPC: a TLS handshake failed: ${message}`);
  });
  return listener;
}

/** Sends GOAWAY to all clients; open calls have until the end of the grace to finish. */
function closeServer(
  listener: Listener,
  sockets: ReadonlySet<Socket>,
  server: Server,
  graceMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      // After GOAWAY, a session leaves closing the connection to the client.
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    listener.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.tryShutdown(() => {});
  });
}

function serverOptions(options: ReceiverOptions): ServerOptions {
  return {
    'grpc.max_receive_message_length': options.requestBytesMax,
    'grpc.max_concurrent_streams': streamCountMax,
    'grpc.keepalive_time_ms': keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    'grpc.max_connection_idle_ms': connectionIdleMsMax,
    // Channelz keeps statistics for a debugging service that is not offered here.
    'grpc.enable_channelz': 0,
    // The memory of an HTTP/2 session keeps grpc-js's default, which is no limit. Beyond a limit,
    // Node answers with ENHANCE_YOUR_CALM, and senders drop the data. Flow control bounds the
    // memory: each stream has at most 64 KiB on its way.
    interceptors: [observeCalls(options), ...demandCredentials(options)],
  };
}

/**
 * Counts each call when its status is sent, and logs it if it was refused. This includes calls that
 * grpc-js answers by itself: a message beyond the limit, bytes that it cannot inflate, a deadline.
 * A message beyond the limit gets the same refusal as over HTTP.
 */
function observeCalls({
  signals,
  requestBytesMax,
  countRequest,
  logRefusal,
}: ReceiverOptions): ServerInterceptor {
  const signalsByPath = new Map(signals.map((signal) => [exportMethodPath(signal), signal]));
  const tooLarge = errorOf(requestTooLarge(requestBytesMax));
  return ({ path }, call) => {
    const signal = signalsByPath.get(path);
    const sendStatus = call.sendStatus.bind(call);
    let ended = false;
    call.sendStatus = (sent) => {
      // Our own refusals carry metadata; those of grpc-js do not.
      const isBeyondLimit = sent.code === status.RESOURCE_EXHAUSTED && !sent.metadata;
      const final = isBeyondLimit ? tooLarge : sent;
      if (!ended) {
        countRequest(signal, 'grpc', final.code);
        if (!unlogged.has(final.code)) logRefusal(refusedRequest(final, call.getPeer()));
      }
      ended = true;
      sendStatus(final);
    };
    return new ServerInterceptingCall(call);
  };
}

/** A client that cancels or lets its deadline pass was not refused. */
const unlogged: ReadonlySet<status> = new Set([
  status.OK,
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
]);

/** `peer` is an address with its port. */
function refusedRequest({ code, details, metadata }: SentStatus, peer: string): RefusedRequest {
  return {
    status: `OTLP/gRPC ${status[code]}`,
    reason: metadata instanceof RefusalMetadata ? metadata.reason : 'grpc-js',
    message: details ?? '',
    sender: peer.replace(/:\d+$/, ''),
  };
}

type SentStatus = Parameters<ServerInterceptingCall['sendStatus']>[0];

/** Ends a call without known credentials before its message is read. */
function demandCredentials({ authorise }: ReceiverOptions): ServerInterceptor[] {
  if (authorise === undefined) return [];
  const refused = errorOf(unauthenticated);
  const interceptor: ServerInterceptor = (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, pass) => {
            const [authorization] = metadata.get('authorization');
            if (authorise(authorization?.toString())) pass(metadata);
            else call.sendStatus(refused);
          },
        });
      },
    });
  return [interceptor];
}

function exportHandler(signal: Signal, { intake }: ReceiverOptions) {
  return (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const body = call.request;
    if (!intake.reserve(body.length)) {
      callback(errorOf(noRoom));
      return;
    }
    void intake.submit(signal, [body], body.length).then((outcome) => {
      // The client has cancelled or its deadline has passed: nobody waits for an answer.
      if (call.cancelled) return;
      if (outcome === 'accepted') callback(null, emptyResponse);
      else callback(errorOf(refusalOf(outcome, signal)));
    });
  };
}

function exportService(signal: Signal): ServiceDefinition {
  return {
    export: {
      path: exportMethodPath(signal),
      requestStream: false,
      responseStream: false,
      requestSerialize: passBytes,
      requestDeserialize: passBytes,
      responseSerialize: passBytes,
      responseDeserialize: passBytes,
    },
  };
}

function passBytes(bytes: Buffer): Buffer {
  return bytes;
}

function errorOf(refusal: Refusal): { code: number; details: string; metadata: Metadata } {
  const { grpcCode: code, message: details } = refusal;
  return { code, details, metadata: new RefusalMetadata(refusal) };
}

/** The trailers of a refusal; grpc-js passes them to `sendStatus` as they are. */
class RefusalMetadata extends Metadata {
  readonly reason: string;

  constructor({ code, protobuf }: Refusal) {
    super();
    this.reason = code;
    this.set(statusDetailsKey, protobuf);
  }
}
