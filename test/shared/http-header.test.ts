/** The rules for names and values of headers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  isClientHeader,
  isHeaderName,
  isHeaderValue,
  mediaType,
} from '../../src/shared/http-header.ts';

describe('http-header', () => {
  it('isHeaderName: true for tokens of HTTP', () => {
    for (const name of ['X-API-Key', 'a', "!#$%&'*+.^_`|~-9"]) assert.ok(isHeaderName(name), name);
  });

  it('isHeaderName: false for an empty name, spaces, separators and other letters', () => {
    for (const name of ['', 'a b', 'a:', 'a\n', 'ä', '(a)', 'a/b']) {
      assert.ok(!isHeaderName(name), name);
    }
  });

  it('isHeaderValue: true for what fits into one line', () => {
    for (const value of ['', 'Bearer x', 'a\tb', 'ä']) assert.ok(isHeaderValue(value), value);
  });

  it('isHeaderValue: false for line breaks, control characters and wide characters', () => {
    for (const value of ['a\nb', 'a\r', '\0', '\x7f', '€']) assert.ok(!isHeaderValue(value), value);
  });

  it('isClientHeader: names the headers of framing, in any case', () => {
    const own = ['Content-Type', 'content-length', 'HOST', 'te', 'grpc-timeout', 'connection'];
    for (const name of own) assert.ok(isClientHeader(name), name);
    for (const name of ['authorization', 'x-host', 'test']) assert.ok(!isClientHeader(name), name);
  });

  it('mediaType: lower case, without parameters; empty if there is none', () => {
    assert.equal(mediaType('Application/JSON ; charset=utf-8'), 'application/json');
    assert.equal(mediaType(''), '');
    assert.equal(mediaType(undefined), '');
  });
});
