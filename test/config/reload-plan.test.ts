/** What a running recorder takes up of a changed configuration. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planReload } from '../../src/config/reload-plan.ts';
import { configFrom } from './loading.ts';

const running = configFrom({});

describe('planReload', () => {
  it('nothing has changed: nothing is taken', () => {
    const plan = planReload(running, configFrom({}));
    assert.deepEqual(plan, { action: 'take', config: running, taken: [], restart: [] });
  });

  it('rotation, retention, forwarding and the log level are taken up', () => {
    const yaml = `
rotation: {max_age: 5m, schedule: "0 * * * *"}
retention: {max_bytes: 1GiB, logs: {max_age: 1d}}
log: {level: debug}
forwarding: [{name: a, endpoint: "https://x"}]
`;
    const next = configFrom({ yaml });
    const plan = planReload(running, next);
    assert.ok(plan.action === 'take');
    assert.deepEqual(plan.config, next);
    assert.deepEqual(plan.restart, []);
    assert.deepEqual(plan.taken, [
      'rotation.max_age',
      'rotation.schedule',
      'retention.logs.max_age',
      'retention.max_bytes',
      'forwarding',
      'log.level',
    ]);
  });

  it('what needs a restart is named and stays as it runs; the rest is taken up', () => {
    const next = configFrom({ yaml: 'preset: low_latency\nlog: {level: warn}\ngrpc: {port: 1}' });
    const plan = planReload(running, next);
    assert.ok(plan.action === 'take');
    assert.deepEqual(plan.taken, ['log.level']);
    assert.deepEqual(plan.restart, ['preset', 'batch.max_rows', 'batch.max_age', 'grpc.port']);
    assert.deepEqual(plan.config, { ...running, 'log.level': 'warn' });
  });

  it('a destination is compared by what it says', () => {
    const one = configFrom({ yaml: 'forwarding: [{name: a, endpoint: "https://x"}]' });
    const same = configFrom({
      yaml: 'forwarding: [{name: a, endpoint: "https://x", timeout: 10000ms}]',
    });
    const plan = planReload(one, same);
    assert.ok(plan.action === 'take' && plan.taken.length === 0);
  });

  it('what would contradict a setting that stays is refused', () => {
    const received = configFrom({ flags: { durability: 'received' } });
    const next = configFrom({ yaml: 'forwarding: [{name: a, endpoint: "https://x"}]' });
    const plan = planReload(received, next);
    assert.ok(plan.action === 'refuse');
    assert.equal(plan.problems.length, 1);
    assert.match(
      plan.problems[0] ?? '',
      /durability is received .* \(durability needs a restart\)/,
    );
  });
});
