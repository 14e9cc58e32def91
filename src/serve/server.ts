/** The server of the dashboard port: health, metrics, flush and rotate. */
import fastify, { type FastifyInstance } from 'fastify';
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
  const server = fastify({ forceCloseConnections: true });
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
    await reply.code(refusal.statusCode).send(errorBody(refusal.code, refusal.message));
  });
  server.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${request.url} here.`;
    return reply.code(404).send(errorBody('not_found', message));
  });
  server.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    const statusCode = error.statusCode ?? 500;
    const code = statusCode < 500 ? 'bad_request' : 'failed';
    return reply.code(statusCode).send(errorBody(code, error.message));
  });
}

function route(server: FastifyInstance, view: RecorderView): void {
  server.get('/health', (_request, reply) => {
    const health = summarizeHealth(view.healthChecks());
    return reply.code(healthStatusCode(health)).send(health);
  });
  server.get('/metrics', async (_request, reply) => {
    return reply.type(metricsContentType).send(await renderMetrics(view));
  });
  server.post('/api/flush', async (_request, reply) => {
    const rows = await view.flush().catch(toError);
    return rows instanceof Error ? reply.code(503).send(cannotWrite(rows)) : { rows };
  });
  server.post('/api/rotate', async (_request, reply) => {
    const sealed = await view.rotate().catch(toError);
    return sealed instanceof Error ? reply.code(503).send(cannotWrite(sealed)) : { sealed };
  });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function cannotWrite(error: Error) {
  return errorBody('cannot_write', error.message);
}

function errorBody(code: string, message: string) {
  return { error: { code, message } };
}
