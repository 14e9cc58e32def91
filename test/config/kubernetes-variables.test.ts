/** Variables that Kubernetes sets for a Service do not stop the start. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutServiceVariables } from '../../src/config/kubernetes-variables.ts';
import { environmentName, settingKeys } from '../../src/config/settings.ts';
import { loadedFrom, problemsFrom } from './loading.ts';

/** What Kubernetes sets for a Service with one port, by its documentation. */
function variablesOf(service: string): Record<string, string> {
  return {
    [`${service}_SERVICE_HOST`]: '10.0.0.1',
    [`${service}_SERVICE_PORT`]: '4318',
    [`${service}_SERVICE_PORT_OTLP_HTTP`]: '4318',
    [`${service}_PORT`]: 'tcp://10.0.0.1:4318',
    [`${service}_PORT_4318_TCP`]: 'tcp://10.0.0.1:4318',
    [`${service}_PORT_4318_TCP_PROTO`]: 'tcp',
    [`${service}_PORT_4318_TCP_PORT`]: '4318',
    [`${service}_PORT_4318_TCP_ADDR`]: '10.0.0.1',
  };
}

describe('variables of Services', () => {
  it('are ignored and named in one warning', () => {
    for (const service of ['OTLP', 'OTLP_HTTP', 'OTLP_GRPC', 'OTLP_DASHBOARD', 'OTLP_A_B']) {
      const { config, warnings } = loadedFrom({ environment: variablesOf(service) });
      assert.deepEqual([config['http.port'], config['grpc.port']], [4318, 4317]);
      const names = Object.keys(variablesOf(service)).join(', ');
      assert.deepEqual(warnings, [
        `ignored what Kubernetes sets for a Service: ${names}; ` +
          'enableServiceLinks: false in the pod turns them off',
      ]);
    }
  });

  it('other variables stay, also beside those of a Service', () => {
    const environment = { ...variablesOf('OTLP_HTTP'), OTLP_GRPC_PORT: '5', OTLP_BATCH_MAX: '1' };
    const { config, warnings } = loadedFrom({ environment });
    assert.equal(config['grpc.port'], 5);
    assert.equal(warnings.length, 2);
    assert.match(
      problemsFrom({ environment: { OTLP_HTTP_PORT: 'x' } }).join(),
      /OTLP_HTTP_PORT: "x"/,
    );
  });

  it('no setting has the name of such a variable', () => {
    const environment = Object.fromEntries(settingKeys.map((key) => [environmentName(key), '1']));
    const found = withoutServiceVariables(environment);
    assert.deepEqual(found, { environment, warnings: [] });
  });
});
