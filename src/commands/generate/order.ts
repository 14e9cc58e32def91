/** An order, from the price of its items to the letter that confirms it. */
import { callHttp, callOutside, callRpc, querySql } from './calls.ts';
import { getProduct } from './catalogue.ts';
import { Fault, faultCodes } from './fault.ts';
import { type Fleet, pickInstance } from './fleet.ts';
import { consume, type Message, publish } from './messaging.ts';
import type { Product } from './products.ts';
import { double } from './telemetry.ts';
import type { OpenSpan } from './visit.ts';

export interface Order {
  readonly id: string;
  readonly items: readonly Product[];
  readonly currency: string;
  readonly total: number;
  readonly isGift: boolean;
}

/** What goes wrong in an order, each as a share of all orders that come so far. */
const outOfStockShare = 0.03;
const declinedShare = 0.04;
const gatewayFailureShare = 0.03;
const mailFailureShare = 0.03;

export function placeOrder(caller: OpenSpan, fleet: Fleet, order: Order): void {
  const server = pickInstance(fleet, 'checkout', caller.visit.random);
  callRpc(caller, server, 'shop.checkout.v1.Checkout', 'PlaceOrder', (span) => {
    span.set(describe(order));
    const start = { role: 'application', kind: 'internal', attributes: describe(order) } as const;
    span.run({ ...start, name: 'prepare order' }, (prepare) => {
      caller.visit.together([
        ...order.items.map((item) => () => getProduct(prepare, fleet, item)),
        () => quoteShipping(prepare, fleet, order),
      ]);
    });
    reserveItems(span, fleet, order);
    charge(span, fleet, order);
    querySql(span, {
      operation: 'INSERT',
      table: 'orders',
      text: 'INSERT INTO orders (id, items, currency, total) VALUES ($1, $2, $3, $4)',
      rowCount: 0,
      medianMs: 3,
    });
    announce(span, fleet, order);
  });
}

function describe(order: Order) {
  return {
    'order.id': order.id,
    'order.item.count': order.items.length,
    'order.item.skus': order.items.map(({ sku }) => sku),
    'order.currency': order.currency,
    'order.total': double(order.total),
    'order.is_gift': order.isGift,
  };
}

function quoteShipping(caller: OpenSpan, fleet: Fleet, order: Order): void {
  const { visit } = caller;
  const server = pickInstance(fleet, 'shipping', visit.random);
  const request = { method: 'POST', route: '/quotes', path: '/quotes', bodyBytes: 412 } as const;
  callHttp(caller, server, request, (span) => {
    visit.spend(3);
    const weightKg = order.items.length * 0.35;
    span.set({ 'shipping.weight_kg': double(weightKg), 'shipping.carrier': 'An Post' });
  });
}

function reserveItems(caller: OpenSpan, fleet: Fleet, order: Order): void {
  const { random } = caller.visit;
  const server = pickInstance(fleet, 'inventory', random);
  const path = `/orders/${order.id}/reservation`;
  const route = '/orders/{id}/reservation';
  callHttp(caller, server, { method: 'PUT', route, path, bodyBytes: 236 }, (span) => {
    if (random.chance(outOfStockShare)) {
      throw new Fault('OutOfStock', 'not enough of one item is left', faultCodes.conflict);
    }
    querySql(span, {
      operation: 'UPDATE',
      table: 'stock',
      text: 'UPDATE stock SET reserved = reserved + 1 WHERE sku = ANY($1) AND reserved < quantity',
      rowCount: order.items.length,
      medianMs: 5,
    });
  });
}

function charge(caller: OpenSpan, fleet: Fleet, order: Order): void {
  const { visit } = caller;
  const server = pickInstance(fleet, 'payment', visit.random);
  callRpc(caller, server, 'shop.payment.v1.Payment', 'Charge', (span) => {
    const score = Math.min(visit.random.logNormal(0.05, 1), 1);
    const attributes = {
      'fraud.model': 'gbdt-2026-02',
      'fraud.score': double(score),
      'fraud.suspected': score > 0.8,
      'order.total': double(order.total),
      'order.currency': order.currency,
    };
    const start = { role: 'application', kind: 'internal', name: 'assess fraud' } as const;
    span.run({ ...start, attributes }, () => visit.spend(6));
    const request = { method: 'POST', route: '', path: '/v1/charges', bodyBytes: 688 } as const;
    callOutside(span, 'api.cards.example', request, 120, gatewayFailureShare);
    if (visit.random.chance(declinedShare)) {
      throw new Fault('CardDeclined', 'insufficient funds', faultCodes.paymentRequired);
    }
    querySql(span, {
      operation: 'INSERT',
      table: 'payments',
      text: 'INSERT INTO payments (order_id, total, currency, reference) VALUES ($1, $2, $3, $4)',
      rowCount: 0,
      medianMs: 2.5,
    });
  });
}

/** Shipping goes on in the same trace; the letters are another's work, in traces of their own. */
function announce(caller: OpenSpan, fleet: Fleet, order: Order): void {
  const { random } = caller.visit;
  const message = {
    topic: 'orders',
    key: order.id,
    bodyBytes: 180 + 96 * order.items.length,
    partition: random.below(12),
    offset: random.between(1_000_000, 9_000_000),
  };
  const producer = publish(caller, message);
  ship(producer, fleet, message);
  confirm(producer, fleet, order, message);
}

function ship(producer: OpenSpan, fleet: Fleet, message: Message): void {
  const instance = pickInstance(fleet, 'shipping', producer.visit.random);
  const consumer = { instance, group: 'shipping', continuesTrace: true, delayMs: 12 };
  consume(producer, message, consumer, (span) => {
    querySql(span, {
      operation: 'INSERT',
      table: 'shipments',
      text: 'INSERT INTO shipments (order_id, carrier, due) VALUES ($1, $2, $3)',
      rowCount: 0,
      medianMs: 3,
    });
  });
}

function confirm(producer: OpenSpan, fleet: Fleet, order: Order, message: Message): void {
  const { visit } = producer;
  const instance = pickInstance(fleet, 'email', visit.random);
  const consumer = { instance, group: 'email', continuesTrace: false, delayMs: 40 };
  consume(producer, message, consumer, (span) => {
    const attributes = {
      'template.name': 'order-confirmation.html',
      'template.locale': 'en-IE',
      'template.cached': visit.random.chance(0.95),
      ...describe(order),
    };
    const start = { role: 'application', kind: 'internal', name: 'render letter' } as const;
    span.run({ ...start, attributes }, () => visit.spend(4));
    const request = { method: 'POST', route: '', path: '/v3/mail/send', bodyBytes: 9204 } as const;
    callOutside(span, 'api.mail.example', request, 90, mailFailureShare);
  });
}
