/** The small shop in tables: its services, the facts of a visit, and what services do. */
import type { Random } from '../../shared/random.ts';
import type { Attributes, Value } from './message.ts';

export const services = {
  storefront: { language: 'nodejs', version: '4.12.0', instanceCount: 3 },
  catalogue: { language: 'go', version: '2.7.3', instanceCount: 2 },
  checkout: { language: 'go', version: '1.19.0', instanceCount: 2 },
  payment: { language: 'java', version: '3.0.1', instanceCount: 1 },
  inventory: { language: 'dotnet', version: '5.4.2', instanceCount: 1 },
  shipping: { language: 'python', version: '0.9.14', instanceCount: 1 },
  email: { language: 'python', version: '1.3.0', instanceCount: 1 },
} as const;

export type ServiceName = keyof typeof services;

const skus = ['TEA-0101', 'TEA-0207', 'COF-1001', 'MUG-2001', 'POT-3001', 'FIL-4001', 'GFT-9001'];

/** Drawn once for each visit, so that all its spans and log records agree. */
export const facts: Readonly<Record<string, (random: Random) => Value>> = {
  'client.address': (random) => `203.0.113.${random.between(1, 254)}`,
  'client.session.id': (random) => random.hex(16),
  'product.sku': (random) => random.pick(skus),
  'product.name': (random) => random.pick(['Earl Grey', '煎茶 Sencha', 'Mug with a cat 🐈']),
  'order.id': (random) => random.hex(8),
  'order.skus': (random) => skus.slice(random.below(skus.length)),
  'order.currency': (random) => random.pick(['EUR', 'USD', 'GBP', 'JPY', 'CHF']),
  'order.total': (random) => random.between(320, 18_900),
  'messaging.kafka.offset': (random) => random.between(1_000_000, 9_000_000),
};

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/**
 * The attributes of the spans of each protocol. Text may hold `{name}` of a fact, and the two
 * parts of the operation's name, `{verb}` and `{object}`.
 */
export const protocols = {
  http: {
    ...{ 'http.request.method': '{verb}', 'http.route': '{object}', 'url.path': '{object}' },
    'server.address': '{service}.shop.svc',
  },
  grpc: { 'rpc.system': 'grpc', 'rpc.service': '{verb}', 'rpc.method': '{object}' },
  postgresql: { 'db.operation.name': '{verb}', 'db.collection.name': '{object}' },
  redis: { 'db.operation.name': '{verb}', 'db.query.text': '{verb} {object}:?' },
  kafka: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' },
  code: { 'code.function.name': '{verb}' },
} as const satisfies Record<string, Attributes>;

export type ProtocolName = keyof typeof protocols;

export interface Fault {
  /** The part of the operations that end with it, and how much longer they take then. */
  readonly share: number;
  readonly ms?: number;
  readonly type: string;
  readonly message: string;
  /** The status codes that callers get. */
  readonly http: number;
  readonly grpc: number;
}

export interface Operation {
  /** A call of a server makes a client span, too. A consumer has a trace of its own. */
  readonly kind: SpanKind;
  readonly protocol: ProtocolName;
  /** The service of a server or consumer. All other operations belong to the caller. */
  readonly service?: ServiceName;
  /** How often it takes place: the part of all visits, or of its callers' calls. */
  readonly share?: number;
  /** Median time of the operation's own work, in milliseconds. */
  readonly ms: number;
  /** The facts that become attributes. */
  readonly facts?: RegExp;
  readonly attributes?: Attributes;
  readonly calls?: readonly string[];
  readonly fault?: Fault;
}

const timeout = { type: 'QueryCanceled', message: 'statement timeout', http: 504, grpc: 4 };
const broken = { type: 'TypeError', message: 'price is undefined', http: 500, grpc: 13 };
const gone = { type: 'NotFound', message: 'no such product', http: 404, grpc: 5 };
const declined = { type: 'CardDeclined', message: 'insufficient funds', http: 402, grpc: 9 };
const busy = { type: 'Unavailable', message: 'too many requests', http: 503, grpc: 14 };

const http = { kind: 'server', protocol: 'http', ms: 1 } as const;
const page = { ...http, service: 'storefront', facts: /^client/ } as const;
const grpc = { kind: 'server', protocol: 'grpc', ms: 0.5 } as const;
const slow = { ...timeout, share: 0.015, ms: 2000 };
const sql = { kind: 'client', protocol: 'postgresql', ms: 3, fault: slow } as const;
const cache = { kind: 'client', protocol: 'redis', ms: 0.4 } as const;
const outside = { ...http, kind: 'client', ms: 100, fault: { ...busy, share: 0.03 } } as const;
const consumer = { kind: 'consumer', protocol: 'kafka', ms: 1 } as const;
const code = { kind: 'internal', protocol: 'code', ms: 3 } as const;
const template = { ...code, fault: { ...broken, share: 0.02 } } as const;

/** The key of an operation is the name of its spans. */
export const operations: Readonly<Record<string, Operation>> = {
  'GET /': {
    ...{ ...page, share: 0.3 },
    calls: ['catalogue/ListProducts', 'HGETALL cart', 'render home.html'],
  },
  'GET /products/{sku}': {
    ...{ ...page, share: 0.4, attributes: { 'url.path': '/products/{product.sku}' } },
    calls: ['catalogue/GetProduct', 'GET /stock', 'HGETALL cart', 'render product.html'],
  },
  'POST /cart/items': { ...page, share: 0.2, calls: ['GET /stock', 'HGETALL cart'] },
  'POST /checkout': {
    ...{ ...page, share: 0.1 },
    calls: ['HGETALL cart', 'checkout/PlaceOrder', 'render home.html'],
  },
  'GET /healthz': { ...page, share: 0 },
  'catalogue/ListProducts': { ...grpc, service: 'catalogue', calls: ['SELECT products'] },
  'catalogue/GetProduct': {
    ...{ ...grpc, service: 'catalogue', facts: /^product/, fault: { ...gone, share: 0.05 } },
    calls: ['GET product', 'SELECT products'],
  },
  'GET /stock': { ...http, service: 'inventory', calls: ['SELECT stock'] },
  'checkout/PlaceOrder': {
    ...{ ...grpc, service: 'checkout', facts: /^order/ },
    calls: ['POST /quotes', 'payment/Charge', 'INSERT orders', 'send orders'],
  },
  'POST /quotes': { ...http, service: 'shipping', attributes: { 'shipping.carrier': 'An Post' } },
  'payment/Charge': {
    ...{ ...grpc, service: 'payment', facts: /^order/, fault: { ...declined, share: 0.08 } },
    calls: ['assess fraud', 'POST /v1/charges', 'INSERT orders'],
  },
  'send orders': {
    ...{ kind: 'producer', protocol: 'kafka', ms: 1.5, facts: /^messaging/ },
    calls: ['process shipments', 'process letters'],
  },
  'process shipments': { ...consumer, service: 'shipping', calls: ['INSERT orders'] },
  'process letters': {
    ...{ ...consumer, service: 'email', facts: /^(messaging|order)/ },
    calls: ['render letter.html', 'POST /v3/mail/send'],
  },
  'GET product': cache,
  'HGETALL cart': cache,
  'SELECT products': { ...sql, share: 0.25, attributes: { 'db.response.returned_rows': 1 } },
  'SELECT stock': sql,
  'INSERT orders': sql,
  'POST /v1/charges': { ...outside, attributes: { 'server.address': 'api.cards.example' } },
  'POST /v3/mail/send': { ...outside, attributes: { 'server.address': 'api.mail.example' } },
  'assess fraud': { ...code, ms: 6, attributes: { 'fraud.score': { doubleValue: 0.2 } } },
  'render home.html': template,
  'render product.html': template,
  'render letter.html': { ...code, facts: /^order.id/ },
};
