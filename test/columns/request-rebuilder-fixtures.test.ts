import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { otlpFromJson } from '../../src/accept/json/otlp-json.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import { canonicalRequest } from './canonical-request.ts';
import { RebuildHarness } from './rebuild/rebuild-harness.ts';

const folder = fileURLToPath(new URL('../../../fixtures/requests', import.meta.url));

/**
 * The SDKs of these fixtures write defaults, or fields in another order. All other fixtures come
 * back unchanged.
 */
const otherwiseEncoded: readonly string[] = [
  'go-sdk-traces-grpc.pb',
  'go-sdk-traces.pb',
  ...signals.flatMap((signal) => [`js-sdk-${signal}-grpc.pb`, `js-sdk-${signal}.pb`]),
];

function captured(signal: Signal): { readonly name: string; readonly request: Uint8Array }[] {
  const names = readdirSync(folder).filter((name) => name.includes(`-${signal}`));
  return names.sort().map((name) => {
    const content = readFileSync(join(folder, name));
    return { name, request: name.endsWith('.json') ? fromJson(signal, content) : content };
  });
}

function fromJson(signal: Signal, json: Buffer): Uint8Array {
  const result = otlpFromJson(signal, json);
  assert.equal(result.kind, 'message');
  return result.bytes;
}

describe('captured requests', () => {
  for (const signal of signals) {
    const harness = new RebuildHarness(signal);
    for (const { name, request } of captured(signal)) {
      const isCanonical = !otherwiseEncoded.includes(name);
      it(`${name}: it comes back ${isCanonical ? 'byte for byte' : 'as the same message'}`, () => {
        const canonical = canonicalRequest(signal, request);
        assert.equal(canonical.equals(request), isCanonical);
        const rebuilt = harness.rebuildOne(request);
        assert.ok(canonicalRequest(signal, rebuilt).equals(canonical));
        assert.ok(!isCanonical || rebuilt.equals(request));
      });
    }
  }

  it('they are of all signals and of several encoders', () => {
    for (const signal of signals) assert.ok(captured(signal).length >= 3, signal);
  });
});
