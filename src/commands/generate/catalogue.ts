/** What other services ask the catalogue and the inventory. */
import { askCache, callHttp, callRpc, querySql } from './calls.ts';
import { Fault, faultCodes } from './fault.ts';
import { type Fleet, pickInstance } from './fleet.ts';
import { type Product, products } from './products.ts';
import { double } from './telemetry.ts';
import type { OpenSpan } from './visit.ts';

const rpcService = 'shop.catalogue.v1.Catalogue';

export function listProducts(caller: OpenSpan, fleet: Fleet): void {
  const server = pickInstance(fleet, 'catalogue', caller.visit.random);
  callRpc(caller, server, rpcService, 'ListProducts', (span) => {
    if (!askCache(span, 'GET', 'products:featured', 0.9)) {
      querySql(span, {
        operation: 'SELECT',
        table: 'products',
        text: 'SELECT sku, name, price FROM products WHERE featured ORDER BY rank LIMIT $1',
        rowCount: products.length,
        medianMs: 4,
      });
      askCache(span, 'SET', 'products:featured', 1);
    }
    span.set({ 'catalogue.product.count': products.length, 'catalogue.locale': 'en-IE' });
  });
}

export function searchProducts(caller: OpenSpan, fleet: Fleet, term: string): void {
  const { visit } = caller;
  const server = pickInstance(fleet, 'catalogue', visit.random);
  callRpc(caller, server, rpcService, 'SearchProducts', (span) => {
    const hitCount = visit.random.below(products.length);
    querySql(span, {
      operation: 'SELECT',
      table: 'products',
      text: 'SELECT sku, ts_rank(words, q) FROM products, plainto_tsquery($1) q WHERE words @@ q',
      rowCount: hitCount,
      medianMs: 18,
    });
    span.run(
      {
        role: 'application',
        kind: 'internal',
        name: 'rank results',
        attributes: {
          'search.term': term,
          'search.hit.count': hitCount,
          'search.ranking': 'bm25',
          'search.boost': double(1.5),
          'search.exact': visit.random.chance(0.2),
        },
      },
      () => visit.spend(2.5),
    );
  });
}

/** Of the products asked for, those that are no longer sold. */
const goneShare = 0.04;

export function getProduct(caller: OpenSpan, fleet: Fleet, product: Product): void {
  const { random } = caller.visit;
  const server = pickInstance(fleet, 'catalogue', random);
  callRpc(caller, server, rpcService, 'GetProduct', (span) => {
    span.set({ 'product.sku': product.sku, 'product.name': product.name });
    if (askCache(span, 'GET', `product:${product.sku}`, 0.8)) return;
    querySql(span, {
      operation: 'SELECT',
      table: 'products',
      text: 'SELECT sku, name, price, description FROM products WHERE sku = $1',
      rowCount: 1,
      medianMs: 2,
    });
    if (random.chance(goneShare)) {
      throw new Fault('ProductNotFound', `no product ${product.sku}`, faultCodes.notFound);
    }
    askCache(span, 'SET', `product:${product.sku}`, 1);
    span.set({ 'product.price': double(product.price) });
  });
}

export function readStock(caller: OpenSpan, fleet: Fleet, product: Product): void {
  const { random } = caller.visit;
  const server = pickInstance(fleet, 'inventory', random);
  const path = `/stock/${product.sku}`;
  callHttp(caller, server, { method: 'GET', route: '/stock/{sku}', path }, (span) => {
    querySql(span, {
      operation: 'SELECT',
      table: 'stock',
      text: 'SELECT quantity, reserved FROM stock WHERE sku = $1',
      rowCount: 1,
      medianMs: 1.5,
    });
    const quantity = random.below(200);
    span.set({ 'stock.quantity': quantity, 'stock.low': quantity < 10 });
  });
}
