/** Tests the fleet: resources as SDKs send them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFleet, pickInstance, serviceNames } from '../../../src/commands/generate/fleet.ts';
import { Random } from '../../../src/commands/generate/random.ts';

const instances = Object.values(createFleet(new Random(1))).flat();

function attribute(instance: (typeof instances)[number], key: string): unknown {
  return instance.resource.attributes.find((attribute) => attribute.key === key)?.value;
}

describe('fleet', () => {
  it('resources: name service, version, instance, host, SDK and environment', () => {
    const keys = [
      'service.name',
      'service.version',
      'service.instance.id',
      'host.name',
      'telemetry.sdk.name',
      'telemetry.sdk.language',
      'telemetry.sdk.version',
      'deployment.environment.name',
    ];
    for (const instance of instances) {
      for (const key of keys) {
        const value = attribute(instance, key);
        assert.ok(typeof value === 'object' && value !== null && 'stringValue' in value, key);
      }
      assert.deepEqual(attribute(instance, 'service.name'), { stringValue: instance.service });
    }
  });

  it('resources: process.pid is an integer and process.command_args a list', () => {
    for (const instance of instances) {
      const pid = attribute(instance, 'process.pid') as { intValue: number };
      assert.ok(Number.isInteger(pid.intValue) && pid.intValue > 0);
      const command = attribute(instance, 'process.command_args') as {
        arrayValue: { values: unknown[] };
      };
      assert.ok(command.arrayValue.values.length > 1);
    }
  });

  it('instances: no two have the same id or host, and all seven services run', () => {
    const ids = instances.map((instance) =>
      JSON.stringify(attribute(instance, 'service.instance.id')),
    );
    assert.equal(new Set(ids).size, instances.length);
    assert.equal(new Set(instances.map(({ host }) => host)).size, instances.length);
    assert.deepEqual(new Set(instances.map(({ service }) => service)), new Set(serviceNames));
  });

  it('scopes: each library has a name and a version of its own', () => {
    for (const { scopes } of instances) {
      const names = Object.values(scopes).map(({ name }) => name);
      assert.equal(new Set(names).size, 6);
      for (const { version } of Object.values(scopes)) assert.match(version, /^\d+\.\d+/);
    }
  });

  it('pickInstance: takes all instances of a service in turn', () => {
    const random = new Random(2);
    const fleet = createFleet(random);
    const picked = Array.from({ length: 100 }, () => pickInstance(fleet, 'storefront', random));
    assert.deepEqual(new Set(picked), new Set(fleet.storefront));
  });
});
