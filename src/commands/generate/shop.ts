/** The small shop: what visitors do in it, each visit with the spans that its services send. */
import { askCache, type HttpRequest, receiveHttp } from './calls.ts';
import { getProduct, listProducts, readStock, searchProducts } from './catalogue.ts';
import { Fault, faultCodes } from './fault.ts';
import { createFleet, type Fleet, pickInstance } from './fleet.ts';
import { placeOrder } from './order.ts';
import { currencies, products, searchTerms, userAgents } from './products.ts';
import type { Random } from './random.ts';
import { type OpenSpan, Visit } from './visit.ts';

export interface Shop {
  readonly fleet: Fleet;
  /** Somebody does something: one trace, or two where a letter follows. */
  visit(): Visit;
  /** An orchestrator asks whether a service is alive: one span. */
  probe(): Visit;
}

export function openShop(random: Random): Shop {
  const fleet = createFleet(random);
  return {
    fleet,
    visit: () => visitPage(fleet, pickPage(random), random),
    probe: () => probeStorefront(fleet, random),
  };
}

interface Page {
  /** Of all visits. */
  readonly share: number;
  readonly request: (random: Random) => HttpRequest;
  readonly serve: (span: OpenSpan, fleet: Fleet) => void;
}

const pages: readonly Page[] = [
  {
    share: 0.25,
    request: () => ({ method: 'GET', route: '/', path: '/' }),
    serve: (span, fleet) => {
      span.visit.together([() => listProducts(span, fleet), () => readCart(span)]);
      render(span, 'home.html');
    },
  },
  {
    share: 0.35,
    request: (random) => {
      const path = `/products/${random.pick(products).sku}`;
      return { method: 'GET', route: '/products/:sku', path };
    },
    serve: serveProduct,
  },
  {
    share: 0.15,
    request: (random) => {
      const query = `q=${encodeURIComponent(random.pick(searchTerms))}&page=1`;
      return { method: 'GET', route: '/search', path: '/search', query };
    },
    serve: (span, fleet) => {
      searchProducts(span, fleet, span.visit.random.pick(searchTerms));
      render(span, 'search.html');
    },
  },
  {
    share: 0.15,
    request: () => ({ method: 'POST', route: '/cart/items', path: '/cart/items', bodyBytes: 64 }),
    serve: (span, fleet) => {
      readStock(span, fleet, span.visit.random.pick(products));
      askCache(span, 'HSET', `cart:${span.visit.random.hex(8)}`, 1);
    },
  },
  {
    share: 0.1,
    request: () => ({ method: 'POST', route: '/checkout', path: '/checkout', bodyBytes: 731 }),
    serve: serveCheckout,
  },
];

function pickPage(random: Random): Page {
  let rest = random.fraction();
  for (const page of pages) {
    rest -= page.share;
    if (rest < 0) return page;
  }
  return random.pick(pages);
}

function visitPage(fleet: Fleet, page: Page, random: Random): Visit {
  const visit = new Visit(random);
  const visitor = {
    address: `203.0.113.${random.between(1, 254)}`,
    userAgent: random.pick(userAgents),
  };
  const server = pickInstance(fleet, 'storefront', random);
  receiveHttp(visit, server, page.request(random), visitor, (span) => {
    visit.spend(0.8);
    span.set({ 'session.id': random.uuid(), 'customer.returning': random.chance(0.6) });
    page.serve(span, fleet);
  });
  return visit;
}

function probeStorefront(fleet: Fleet, random: Random): Visit {
  const visit = new Visit(random);
  const server = pickInstance(fleet, 'storefront', random);
  const request = { method: 'GET', route: '/healthz', path: '/healthz' } as const;
  const prober = { address: '10.42.0.1', userAgent: 'kube-probe/1.33' };
  receiveHttp(visit, server, request, prober, () => visit.spend(0.2));
  return visit;
}

function serveProduct(span: OpenSpan, fleet: Fleet): void {
  const product = span.visit.random.pick(products);
  span.visit.together([
    () => getProduct(span, fleet, product),
    () => readStock(span, fleet, product),
    () => readCart(span),
  ]);
  render(span, 'product.html');
}

function serveCheckout(span: OpenSpan, fleet: Fleet): void {
  const { random } = span.visit;
  readCart(span);
  const items = Array.from({ length: random.between(1, 4) }, () => random.pick(products));
  placeOrder(span, fleet, {
    id: random.uuid(),
    items,
    currency: random.pick(currencies),
    total: items.reduce((sum, { price }) => sum + price, 0),
    isGift: random.chance(0.1),
  });
  render(span, 'thanks.html');
}

/** A mistake in the templates that few products lay bare. */
const renderFaultShare = 0.02;

function readCart(span: OpenSpan): void {
  askCache(span, 'HGETALL', `cart:${span.visit.random.hex(8)}`, 0.7);
}

function render(span: OpenSpan, template: string): void {
  const { visit } = span;
  const attributes = {
    'template.name': template,
    'template.engine': 'eta',
    'template.cached': visit.random.chance(0.98),
    'template.bytes': visit.random.between(4_000, 60_000),
  };
  const start = { role: 'application', kind: 'internal', name: `render ${template}` } as const;
  span.run({ ...start, attributes }, () => {
    visit.spend(3);
    if (visit.random.chance(renderFaultShare)) {
      const message = "Cannot read properties of undefined (reading 'price')";
      throw new Fault('Type', message, faultCodes.internal);
    }
  });
}
