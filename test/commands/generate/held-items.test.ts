/** Tests what is held back for requests: whose items go first, and how many. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFleet, type Instance } from '../../../src/commands/generate/fleet.ts';
import { HeldItems } from '../../../src/commands/generate/held-items.ts';
import { Random } from '../../../src/commands/generate/random.ts';

const fleet = createFleet(new Random(1));
const payment = fleet.payment[0]!;
const email = fleet.email[0]!;

function itemsOf(instance: Instance, role: 'http' | 'rpc', ...names: string[]) {
  return names.map((name) => ({ instance, scope: instance.scopes[role], name }));
}

describe('held-items', () => {
  it('take: from whoever holds most, then from the next, grouped by scope', () => {
    const held = new HeldItems<ReturnType<typeof itemsOf>[number]>();
    held.hold(itemsOf(payment, 'http', 'a'));
    held.hold([...itemsOf(email, 'http', 'b'), ...itemsOf(email, 'rpc', 'c', 'd')]);
    assert.equal(held.count, 4);
    const taken = held.take(3);
    assert.deepEqual(
      taken.map(({ instance }) => instance.service),
      ['email'],
    );
    const names = Array.from(taken[0]!.groups.values(), (items) => items.map(({ name }) => name));
    assert.deepEqual(names, [['b'], ['c', 'd']]);
    assert.equal(held.count, 1);
    assert.equal(held.take(1)[0]?.instance, payment);
    assert.equal(held.count, 0);
  });

  it('take: a request of several instances where none holds enough', () => {
    const held = new HeldItems<ReturnType<typeof itemsOf>[number]>();
    held.hold([...itemsOf(payment, 'http', 'a'), ...itemsOf(email, 'http', 'b', 'c')]);
    const services = held.take(3).map(({ instance }) => instance.service);
    assert.deepEqual(services, ['email', 'payment']);
    assert.throws(() => held.take(1), /Nothing is held/);
  });
});
