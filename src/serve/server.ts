/** The server of the dashboard port: health, metrics, flush and rotate. */
import fastify, { type FastifyInstance } from 'fastify';
import { type Problem, problem, problemOf } from '../shared/errors.ts';
import { type AccessRules, refuseAccess } from './access.ts';
import { healthStatusCode, summarizeHealth } from './health.ts';
import { metricsContentType, renderMetrics } from './metrics.ts';
import type { RecorderView } from './recorder-view.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly access: AccessRules;
  readonly view: RecorderView;
}

export interface OpenServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Resolves once the server listens; rejects with Node's error if it cannot listen. */
export async function openServer(options: ServerOptions): Promise<OpenServer> {
  // Node would answer a request without Host with 400, but /health answers every request.
  const server = fastify({ forceCloseConnections: true, http: { requireHostHeader: false } });
  ignoreBodies(server);
  guard(server, options.access);
  route(server, options.view);
  await server.listen({ host: options.host, port: options.port });
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { port, close: () => server.close() };
}

/** No route reads a body; a body of up to 64 KiB is ignored. */
function ignoreBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parser = { parseAs: 'buffer', bodyLimit: 65_536 } as const;
  server.addContentTypeParser('*', parser, (_request, _body, done) => done(null));
}

function guard(server: FastifyInstance, access: AccessRules): void {
  server.addHook('onRequest', async (request, reply) => {
    const { host, origin, authorization } = request.headers;
    const path = request.url.split('?', 1)[0] ?? '';
    const head = { method: request.method, path, host, origin, authorization };
    const refusal = refuseAccess(access, head);
    if (refusal === undefined) return;
    if (refusal.statusCode === 401) reply.header('www-authenticate', 'Bearer');
    await reply.code(refusal.statusCode).send(errorBody(refusal.problem));
  });
  server.setNotFoundHandler((request, reply) => {
    const { method, url: path } = request;
    return reply.code(404).send(errorBody(problem('ERR_ARCHER_ROUTE_UNKNOWN', { method, path })));
  });
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    const { statusCode = 500, message: reason } = error;
    const found =
      statusCode < 500 ? problem('ERR_ARCHER_HTTP_REQUEST_INVALID', { reason }) : problemOf(error);
    return reply.code(statusCode).send(errorBody(found));
  });
}

function route(server: FastifyInstance, view: RecorderView): void {
  server.get('/health', (_request, reply) => {
    const health = summarizeHealth(view.healthChecks(), view.recovery());
    return reply.code(healthStatusCode(health)).send(health);
  });
  server.get('/metrics', async (_request, reply) => {
    return reply.type(metricsContentType).send(await renderMetrics(view));
  });
  server.post('/api/flush', async (_request, reply) => {
    try {
      return { rows: await view.flush() };
    } catch (error) {
      return reply.code(503).send(errorBody(problemOf(error)));
    }
  });
  server.post('/api/rotate', async (_request, reply) => {
    try {
      return { sealed: await view.rotate() };
    } catch (error) {
      return reply.code(503).send(errorBody(problemOf(error)));
    }
  });
}

function errorBody({ code, message }: Problem) {
  return { error: { code, message } };
}
