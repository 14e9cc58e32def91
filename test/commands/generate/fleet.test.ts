/** Tests the instances: as many as the table says, each with an identity of its own. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createFleet } from '../../../src/commands/generate/fleet.ts';
import { services } from '../../../src/commands/generate/shop.ts';
import { Random } from '../../../src/shared/random.ts';
import { attributeOf, type Message } from './open-traffic.ts';

it('createFleet: makes the instances of each service, with different ids', () => {
  const fleet = createFleet(new Random(1));
  for (const [name, { instanceCount }] of Object.entries(services)) {
    assert.equal(fleet[name]?.length, instanceCount, name);
  }
  const all = Object.values(fleet).flat();
  const ids = all.map(({ resource }) => attributeOf(resource as Message, 'service.instance.id'));
  assert.equal(new Set(ids).size, all.length);
});
