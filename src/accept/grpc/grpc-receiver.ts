/** OTLP/gRPC: the unary Export methods, whose messages pass through undecoded. */
import { createServer, type Server as Listener, type Socket } from 'node:net';
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
import { exportMethodPath } from '../../shared/otlp-messages.ts';
import type { Signal } from '../../shared/signal.ts';
import { listen } from '../listen.ts';
import type { OpenReceiver, ReceiverOptions } from '../receiver.ts';
import { noRoom, type Refusal, refusalOf, requestTooLarge, unauthenticated } from '../reply.ts';

/*
 * What is not counted in max_inflight_bytes: grpc-js hands over whole messages only, so the frames
 * that it gathers, and the message while it inflates, are bounded by max_request_bytes for each
 * stream alone. The bytes are counted from the moment the message is here.
 */

/** Of one connection. HTTP/2 advises against fewer; exporters have ten at most by default. */
const streamCountMax = 100;

/** A peer that died without a word is noticed so much later, plus the wait for its answer. */
const keepaliveTimeMs = 60_000;
const keepaliveTimeoutMs = 20_000;

/** Ten times the period in which metrics are exported by default: whoever sends stays connected. */
const connectionIdleMsMax = 600_000;

/** An Export…ServiceResponse without any field. */
const emptyResponse = Buffer.alloc(0);

/** Resolves once it listens; rejects with Node's error when it cannot. */
export async function openGrpcReceiver(options: ReceiverOptions): Promise<OpenReceiver> {
  const server = new Server(serverOptions(options));
  for (const signal of options.signals) {
    server.addService(exportService(signal), { export: exportHandler(signal, options) });
  }
  // Listening is Node's own, as for HTTP: its errors, its backlog, its bound on connections.
  const injector = server.createConnectionInjector(serverCredentials(options));
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  const port = await listen(listener, 'OTLP/gRPC', options);
  return { port, close: (graceMs) => closeServer(listener, sockets, server, graceMs) };
}

function serverCredentials({ tls }: ReceiverOptions): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { certificate, key, clientAuthorities } = tls;
  const pair = { cert_chain: certificate, private_key: key };
  const isDemanded = clientAuthorities !== undefined;
  return ServerCredentials.createSsl(clientAuthorities ?? null, [pair], isDemanded);
}

/** Tells clients to go; open calls end as they may until the grace is over. */
function closeServer(
  listener: Listener,
  sockets: ReadonlySet<Socket>,
  server: Server,
  graceMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      // A session that was told to go leaves it to the client to close the connection.
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
    // Statistics for a debugging service that is not offered here.
    'grpc.enable_channelz': 0,
    // Of an HTTP/2 session's memory there is no limit, grpc-js's default: Node answers a session
    // beyond it with ENHANCE_YOUR_CALM, which senders read as a refusal for good. Flow control
    // bounds it: a stream has 64 KiB on their way.
    interceptors: [countCalls(options), ...demandCredentials(options)],
  };
}

/**
 * Every call ends in its sendStatus, also one that grpc-js answers by itself: a message beyond the
 * limit, bytes that it cannot inflate, a deadline. The first gets the words that HTTP has for it.
 */
function countCalls({
  signals,
  requestBytesMax,
  countRequest,
}: ReceiverOptions): ServerInterceptor {
  const signalsByPath = new Map(signals.map((signal) => [exportMethodPath(signal), signal]));
  const tooLarge = errorOf(requestTooLarge(requestBytesMax));
  return ({ path }, call) => {
    const signal = signalsByPath.get(path);
    const sendStatus = call.sendStatus.bind(call);
    let ended = false;
    call.sendStatus = (sent) => {
      if (!ended && signal !== undefined) countRequest(signal, 'grpc', sent.code);
      ended = true;
      // A refusal of ours has details.
      const isBeyondLimit = sent.code === status.RESOURCE_EXHAUSTED && !sent.metadata;
      sendStatus(isBeyondLimit ? tooLarge : sent);
    };
    return new ServerInterceptingCall(call);
  };
}

/** A call without them ends before its message is taken. */
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
      // The client has gone, or its deadline has: nobody is left to answer.
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
  const metadata = new Metadata();
  metadata.set(statusDetailsKey, refusal.protobuf);
  return { code: refusal.grpcCode, details: refusal.message, metadata };
}
