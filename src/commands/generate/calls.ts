/** Calls between services and to stores, recorded as instrumentation libraries record them. */
import { Fault, faultCodes } from './fault.ts';
import type { Instance } from './fleet.ts';
import type { OpenSpan, Visit } from './visit.ts';

/** What a server does with a request; a fault it throws becomes the answer. */
export type Handler = (server: OpenSpan) => void;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly route: string;
  readonly path: string;
  readonly query?: string;
  readonly bodyBytes?: number;
}

export interface Visitor {
  readonly address: string;
  readonly userAgent: string;
}

export interface SqlQuery {
  readonly operation: 'SELECT' | 'INSERT' | 'UPDATE';
  readonly table: string;
  readonly text: string;
  readonly rowCount: number;
  readonly medianMs: number;
}

/** One way between two machines of the same data centre. */
const networkMs = 0.25;

/** What a server does before its handler: parsing, routing, checking. */
const admissionMs = 0.15;

/** Of the queries, those that the database ends because they take too long. */
const queryTimeoutShare = 0.015;

/** The database's limit: all queries that it ends took this long. */
const queryTimeoutMs = 2000;

/** Of the commands to the cache, those that find the connection closed. */
const cacheFailureShare = 0.016;

/** Handles a request from outside: the first span of a trace. */
export function receiveHttp(
  visit: Visit,
  server: Instance,
  request: HttpRequest,
  visitor: Visitor,
  handle: Handler,
): void {
  const attributes = {
    ...serverAttributes(server, request),
    'client.address': visitor.address,
    'user_agent.original': visitor.userAgent,
  };
  const name = `${request.method} ${request.route}`;
  visit.runRoot(server, { role: 'http', kind: 'server', name, attributes }, (span) => {
    answerHttp(span, handle);
  });
}

/** Calls another service over HTTP; an answer of 400 or more is thrown as a fault. */
export function callHttp(
  caller: OpenSpan,
  server: Instance,
  request: HttpRequest,
  handle: Handler,
): void {
  const { visit } = caller;
  const host = `${server.service}.shop.svc`;
  const status = caller.run(clientStart(request, host, server.port, 'http'), (client) => {
    client.set({ 'network.peer.address': server.address, 'network.peer.port': server.port });
    visit.spend(networkMs);
    const name = `${request.method} ${request.route}`;
    const attributes = serverAttributes(server, request);
    const answer = client.run(
      { role: 'http', kind: 'server', name, attributes },
      (span) => answerHttp(span, handle),
      server,
    );
    visit.spend(networkMs);
    return endHttpClient(client, answer);
  });
  throwStatus(status, server.service);
}

/** Calls somebody else's HTTP service, which sends no spans of its own. */
export function callOutside(
  caller: OpenSpan,
  host: string,
  request: HttpRequest,
  medianMs: number,
  failureShare: number,
): void {
  const { visit } = caller;
  const status = caller.run(clientStart(request, host, 443, 'https'), (client) => {
    visit.spend(medianMs, 0.6);
    const failed = visit.random.chance(failureShare);
    return endHttpClient(client, failed ? faultCodes.unavailable.http : 200);
  });
  throwStatus(status, host);
}

/** Calls another service over gRPC; an answer that is not OK is thrown as a fault. */
export function callRpc(
  caller: OpenSpan,
  server: Instance,
  rpcService: string,
  method: string,
  handle: Handler,
): void {
  const { visit } = caller;
  const name = `${rpcService}/${method}`;
  const host = `${server.service}.shop.svc`;
  const attributes = {
    'rpc.system': 'grpc',
    'rpc.service': rpcService,
    'rpc.method': method,
    'server.address': host,
    'server.port': server.port,
  };
  const fault = caller.run({ role: 'rpc', kind: 'client', name, attributes }, (client) => {
    client.set({
      'network.peer.address': server.address,
      'network.peer.port': server.port,
      'network.transport': 'tcp',
      'network.type': 'ipv4',
    });
    visit.spend(networkMs);
    const serverFault = client.run(
      { role: 'rpc', kind: 'server', name, attributes },
      (span) => answerRpc(span, caller.instance, handle),
      server,
    );
    visit.spend(networkMs);
    const code = serverFault?.codes.grpc ?? 0;
    client.set({ 'rpc.grpc.status_code': code });
    if (serverFault !== undefined) client.setError(String(code), serverFault.message);
    return serverFault;
  });
  if (fault !== undefined) throw new Fault(fault.kind, fault.message, fault.codes);
}

/** Asks the service's own PostgreSQL database. */
export function querySql(caller: OpenSpan, query: SqlQuery): void {
  const { visit, instance } = caller;
  const { operation, table, text, rowCount } = query;
  const name = `${operation} ${table}`;
  const attributes = {
    'db.system.name': 'postgresql',
    'db.namespace': instance.service,
    'db.collection.name': table,
    'db.operation.name': operation,
    'db.query.summary': name,
    'db.query.text': text,
    'server.address': `postgres-${instance.service}.shop.internal`,
    'server.port': 5432,
    'network.transport': 'tcp',
    'network.type': 'ipv4',
  };
  caller.run({ role: 'sql', kind: 'client', name, attributes }, (client) => {
    if (visit.random.chance(queryTimeoutShare)) {
      visit.spend(queryTimeoutMs, 0.001);
      client.set({ 'db.response.status_code': '57014' });
      const message = 'canceling statement due to statement timeout';
      throw new Fault('QueryCanceled', message, faultCodes.timeout);
    }
    visit.spend(query.medianMs, 0.7);
    client.set({ 'db.response.returned_rows': rowCount });
  });
}

/** Asks Redis; says whether the key was there. A cache that fails is as good as an empty one. */
export function askCache(
  caller: OpenSpan,
  operation: 'GET' | 'SET' | 'HSET' | 'HGETALL',
  key: string,
  hitShare: number,
): boolean {
  const { visit } = caller;
  const attributes = {
    'db.system.name': 'redis',
    'db.namespace': '0',
    'db.operation.name': operation,
    'db.query.text': `${operation} ${key}${operation.endsWith('SET') ? ' ?' : ''}`,
    'server.address': 'redis.shop.internal',
    'server.port': 6379,
    'network.peer.address': '10.42.7.6',
    'network.peer.port': 6379,
    'network.type': 'ipv4',
  };
  const start = { role: 'cache', kind: 'client', name: operation, attributes } as const;
  const hit = caller.run(start, (client) => {
    visit.spend(0.4);
    if (!visit.random.chance(cacheFailureShare)) return visit.random.chance(hitShare);
    const { address, port } = caller.instance;
    const message = `read tcp ${address}:${port}: connection reset by peer`;
    client.fail(new Fault('Connection', message, faultCodes.unavailable));
    return false;
  });
  if (!hit) caller.addEvent('cache.miss', { 'cache.key': key, 'cache.tier': 'redis' });
  return hit;
}

function serverAttributes(server: Instance, request: HttpRequest) {
  return {
    'http.request.method': request.method,
    'http.route': request.route,
    'url.scheme': 'http',
    'url.path': request.path,
    'url.query': request.query,
    'server.address': `${server.service}.shop.svc`,
    'server.port': server.port,
    'network.protocol.version': '1.1',
    'network.type': 'ipv4',
    'http.request.body.size': request.bodyBytes,
  };
}

function clientStart(request: HttpRequest, host: string, port: number, scheme: string) {
  const query = request.query === undefined ? '' : `?${request.query}`;
  const attributes = {
    'http.request.method': request.method,
    'url.full': `${scheme}://${host}:${port}${request.path}${query}`,
    'server.address': host,
    'server.port': port,
    'network.protocol.name': 'http',
    'network.protocol.version': '1.1',
    'http.request.body.size': request.bodyBytes,
  };
  return { role: 'http', kind: 'client', name: request.method, attributes } as const;
}

/** Only answers of 500 and above are the server's own errors; gives the status. */
function answerHttp(server: OpenSpan, handle: Handler): number {
  const fault = catchFault(server, handle);
  const status = fault?.codes.http ?? 200;
  server.set({
    'http.response.status_code': status,
    'http.response.body.size': server.visit.random.between(120, 48_000),
  });
  if (fault !== undefined && status >= 500) server.setError(String(status), fault.message);
  return status;
}

/** To a client every answer of 400 and above is an error. */
function endHttpClient(client: OpenSpan, status: number): number {
  client.set({ 'http.response.status_code': status });
  if (status >= 400) client.setError(String(status), '');
  return status;
}

function throwStatus(status: number, server: string): void {
  if (status < 400) return;
  const codes = Object.values(faultCodes).find(({ http }) => http === status);
  const message = `${server} answered ${status}`;
  throw new Fault('UnexpectedStatus', message, codes ?? faultCodes.internal);
}

/** Status codes that the conventions count as errors of a gRPC server. */
const rpcServerErrors: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

function answerRpc(server: OpenSpan, client: Instance, handle: Handler): Fault | undefined {
  server.set({ 'client.address': client.address, 'network.transport': 'tcp' });
  const fault = catchFault(server, handle);
  const code = fault?.codes.grpc ?? 0;
  server.set({ 'rpc.grpc.status_code': code });
  if (fault !== undefined && rpcServerErrors.has(code)) {
    server.setError(String(code), fault.message);
  }
  return fault;
}

/** Runs the handler; gives the fault that ended it. */
function catchFault(server: OpenSpan, handle: Handler): Fault | undefined {
  server.visit.spend(admissionMs);
  try {
    handle(server);
    return undefined;
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    server.recordException(fault);
    return fault;
  }
}
