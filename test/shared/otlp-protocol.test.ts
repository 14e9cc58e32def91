/** The names of protocols and compressions, as users write them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openOtlpClient } from '../../src/client/otlp-client.ts';
import { loadConfig } from '../../src/config/config.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { compressions, protocols } from '../../src/shared/otlp-protocol.ts';

it('client port: each protocol and compression is one that can be set, and opened', () => {
  for (const protocol of protocols) {
    const environment = {
      OTLP_FORWARDING_ENABLED: 'true',
      OTLP_FORWARDING_ENDPOINT_URL: 'http://127.0.0.1:1',
      OTLP_FORWARDING_PROTOCOL: protocol,
    };
    const loaded = loadConfig({ flags: {}, environment });
    assert.ok(loaded.ok && loaded.config.forwarding[0]?.protocol === protocol);
    for (const compression of compressions) {
      const endpoint = new URL('http://127.0.0.1:1');
      const limits = { connectionsMax: 1, timeoutMs: 1, userAgent: 'test' };
      openOtlpClient({ protocol, compression, endpoint, ...limits }, systemClock).close();
    }
  }
});
