/** Tests what the catalogue and the inventory are asked. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  getProduct,
  listProducts,
  readStock,
  searchProducts,
} from '../../../src/commands/generate/catalogue.ts';
import { products } from '../../../src/commands/generate/products.ts';
import { assertTrees, findVisit, only, value } from './traces.ts';

const product = products[0]!;

describe('catalogue', () => {
  it('getProduct: asks the database only where the cache has nothing', () => {
    const hasQuery = (name: string) => name === 'SELECT products';
    const warm = findVisit(
      (span, fleet) => getProduct(span, fleet, product),
      (spans) => !spans.some(({ span }) => hasQuery(span.name)),
    );
    const cold = findVisit(
      (span, fleet) => getProduct(span, fleet, product),
      (spans) => spans.some(({ span }) => span.name === 'SET'),
    );
    assert.equal(warm.filter(({ span }) => span.name === 'SET').length, 0);
    assert.equal(cold.filter(({ span }) => hasQuery(span.name)).length, 1);
    const server = cold.find(({ instance }) => instance.service === 'catalogue');
    assert.equal(value(server!.span, 'product.price'), product.price);
    assert.ok(server!.span.events.some(({ name }) => name === 'cache.miss'));
  });

  it('getProduct: says NOT_FOUND where a product is gone', () => {
    const isGone = ({ span }: { span: Parameters<typeof value>[0] }) =>
      value(span, 'rpc.grpc.status_code') === 5;
    const spans = findVisit(
      (span, fleet) => getProduct(span, fleet, product),
      (found) => found.some(isGone),
    );
    assert.equal(spans.filter(isGone).length, 2);
  });

  it('listProducts: counts the products', () => {
    const spans = findVisit(listProducts, () => true);
    const server = spans.find(({ instance }) => instance.service === 'catalogue');
    assert.equal(value(server!.span, 'catalogue.product.count'), products.length);
  });

  it('searchProducts: ranks what it found', () => {
    const spans = findVisit(
      (span, fleet) => searchProducts(span, fleet, '煎茶'),
      (found) => found.some(({ span }) => span.name === 'rank results'),
    );
    assertTrees(spans.map(({ span }) => span));
    assert.equal(value(only(spans, 'rank results').span, 'search.term'), '煎茶');
  });

  it('readStock: asks the inventory over HTTP', () => {
    const spans = findVisit(
      (span, fleet) => readStock(span, fleet, product),
      (found) => found.some(({ span }) => value(span, 'stock.quantity') !== undefined),
    );
    const { span, instance } = only(spans, 'GET /stock/{sku}');
    assert.equal(instance.service, 'inventory');
    assert.equal(value(span, 'url.path'), `/stock/${product.sku}`);
  });
});
