/** Addresses of destinations: URLs, and for gRPC host and port. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { defaultEndpoints, parseEndpoint } from '../../../src/commands/options/endpoint.ts';
import { protocols } from '../../../src/shared/otlp-protocol.ts';

it('endpoint: a URL of HTTP; for gRPC host and port are enough', () => {
  assert.equal(parseEndpoint('https://a:1/b', 'http/json')?.href, 'https://a:1/b');
  assert.equal(parseEndpoint('collector:4317', 'grpc')?.href, 'http://collector:4317/');
  assert.equal(parseEndpoint('https://[::1]:4317', 'grpc')?.href, 'https://[::1]:4317/');
  for (const text of ['collector:4318', 'ftp://a', '', 'nowhere']) {
    assert.equal(parseEndpoint(text, 'http/protobuf'), undefined, text);
  }
});

it('endpoint: the default of each protocol is one', () => {
  for (const protocol of protocols) {
    assert.ok(parseEndpoint(defaultEndpoints[protocol], protocol), protocol);
  }
});
