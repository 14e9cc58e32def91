/** The settings that environment variables give. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hiddenDestinations, readEnvironment } from '../../src/config/environment-layer.ts';
import { configFrom, loadedFrom } from './loading.ts';

const destination = {
  OTLP_FORWARDING_ENABLED: 'true',
  OTLP_FORWARDING_ENDPOINT_URL: 'http://collector:4317',
  OTLP_FORWARDING_PROTOCOL: 'grpc',
};

describe('environment', () => {
  it('an unknown OTLP_ variable is a warning with a suggestion', () => {
    const { warnings } = readEnvironment({
      OTLP_BATCH_MAX_ROW: '5',
      OTEL_X: '1',
      OTLP_CONFIG_FILE: 'x',
    });
    assert.deepEqual(warnings, [
      'OTLP_BATCH_MAX_ROW is not a setting of archer and was ignored; ' +
        'did you mean OTLP_BATCH_MAX_ROWS?',
    ]);
  });

  it('three variables make one destination named default', () => {
    const [found, ...others] = configFrom({ environment: destination }).forwarding;
    assert.equal(others.length, 0);
    assert.equal(found?.name, 'default');
    assert.equal(found?.endpoint, 'http://collector:4317');
    assert.equal(found?.protocol, 'grpc');
    assert.equal(found?.timeout, 10_000);
  });

  it('the destination of the environment replaces those of the file, with a warning', () => {
    const yaml = 'forwarding: [{name: a, endpoint: "https://x"}]';
    const { config, warnings } = loadedFrom({ environment: destination, yaml });
    assert.deepEqual(
      config.forwarding.map(({ name }) => name),
      ['default'],
    );
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /forwarding of .*\.yaml is not used/);
    const off = loadedFrom({ environment: { OTLP_FORWARDING_ENABLED: 'false' }, yaml });
    assert.deepEqual(off.config.forwarding, []);
  });

  it('an endpoint without the switch is a warning, a switch other than true or false a problem', () => {
    const idle = readEnvironment({ OTLP_FORWARDING_ENDPOINT_URL: 'https://x' });
    assert.match(idle.warnings[0] ?? '', /does nothing unless OTLP_FORWARDING_ENABLED is true/);
    const { problems } = readEnvironment({ OTLP_FORWARDING_ENABLED: 'yes' });
    const message = 'OTLP_FORWARDING_ENABLED: "yes" must be true or false';
    assert.deepEqual(problems, [{ code: 'ERR_ARCHER_SETTING_INVALID', message }]);
  });

  it('hiddenDestinations: nothing is hidden if only one source has destinations', () => {
    const { layer } = readEnvironment(destination);
    assert.deepEqual(hiddenDestinations(new Map(), layer), []);
    assert.deepEqual(hiddenDestinations(layer, new Map()), []);
  });
});
