/** Which changes of a configuration a running recorder applies. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planReload } from '../../src/config/reload-plan.ts';
import { loadedFrom } from './loading.ts';

const running = loadedFrom({});

describe('planReload', () => {
  it('without changes nothing is applied', () => {
    const { config, given } = running;
    const next = { config, given };
    const plan = planReload(running, loadedFrom({}));
    assert.deepEqual(plan, { action: 'apply', next, applied: [], restart: [] });
  });

  it('rotation, retention, forwarding and the log level are applied', () => {
    const yaml = `
rotation: {max_age: 5m, schedule: "0 * * * *"}
retention: {max_bytes: 1GiB, logs: {max_age: 1d}}
log: {level: debug}
forwarding: [{name: a, endpoint: "https://x"}]
`;
    const next = loadedFrom({ yaml });
    const plan = planReload(running, next);
    assert.ok(plan.action === 'apply');
    assert.deepEqual(plan.next.config, next.config);
    assert.deepEqual(plan.restart, []);
    assert.deepEqual(plan.applied, [
      'rotation.max_age',
      'rotation.schedule',
      'retention.logs.max_age',
      'retention.max_bytes',
      'forwarding',
      'log.level',
    ]);
  });

  it('a setting that needs a restart keeps its value; the others are applied', () => {
    const next = loadedFrom({ yaml: 'preset: low_latency\nlog: {level: warn}\ngrpc: {port: 1}' });
    const plan = planReload(running, next);
    assert.ok(plan.action === 'apply');
    assert.deepEqual(plan.applied, ['log.level']);
    assert.deepEqual(plan.restart, ['preset', 'batch.max_rows', 'batch.max_age', 'grpc.port']);
    assert.deepEqual(plan.next.config, { ...running.config, 'log.level': 'warn' });
  });

  it('destinations are compared by their values', () => {
    const one = loadedFrom({ yaml: 'forwarding: [{name: a, endpoint: "https://x"}]' });
    const same = loadedFrom({
      yaml: 'forwarding: [{name: a, endpoint: "https://x", timeout: 10000ms}]',
    });
    const plan = planReload(one, same);
    assert.ok(plan.action === 'apply' && plan.applied.length === 0);
  });

  it('a change that contradicts a setting that stays is refused', () => {
    const received = loadedFrom({ flags: { durability: 'received' } });
    const next = loadedFrom({ yaml: 'forwarding: [{name: a, endpoint: "https://x"}]' });
    const plan = planReload(received, next);
    assert.ok(plan.action === 'refuse');
    assert.equal(plan.problems.length, 1);
    assert.match(
      plan.problems[0]?.message ?? '',
      /^durability \(received, flag --durability\) .* \(durability needs a restart\)$/,
    );
  });
});
