/** Tests the options of who is sent to: headers, and files of certificates. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import {
  addDestinationOptions,
  type DestinationOptions,
  readClientTls,
  readTlsTo,
} from '../../../src/commands/options/destination-options.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { messagesOf } from '../../shared/messages.ts';

const tls = fileURLToPath(new URL('../../../../fixtures/tls/', import.meta.url));

function tlsOf(...args: string[]) {
  const read = readClientTls(nodeStorage, parse(...args));
  return read.ok ? read.tls : messagesOf(read.problems).join('\n');
}

function parse(...args: string[]): DestinationOptions {
  const command = addDestinationOptions(new Command('test'));
  command.exitOverride().configureOutput({ writeErr: () => {} });
  return command.parse(args, { from: 'user' }).opts();
}

describe('destination-options', () => {
  it('headers: several, whose values may have anything that fits into a line', () => {
    const { header } = parse('--header', 'X-Team=shop', '--header', 'Authorization=Bearer a=b c');
    assert.deepEqual(header, { 'X-Team': 'shop', Authorization: 'Bearer a=b c' });
    assert.deepEqual(parse('--header', 'x=').header, { x: '' });
    assert.equal(parse().header, undefined);
  });

  it('headers: what is none, or is ours, is refused', () => {
    for (const text of ['x', '=x', 'a b=c', 'a:b=c', 'a=b\nc', 'a=b\r', 'ä=b', 'a=\u20ac']) {
      assert.throws(() => parse('--header', text), /NAME=VALUE/, text);
    }
    for (const name of ['Content-Type', 'host', 'grpc-timeout', 'TE']) {
      assert.throws(() => parse('--header', `${name}=x`), /set by archer itself/, name);
    }
  });

  it('TLS: the bytes of the files; none where no option is given', () => {
    assert.equal(tlsOf('--header', 'a=b'), undefined);
    const pair = ['--cert-file', `${tls}client.pem`, '--key-file', `${tls}client.key.pem`];
    const read = tlsOf('--ca-file', `${tls}authority.pem`, ...pair);
    assert.ok(typeof read === 'object');
    for (const pem of [read.authorities, read.certificate, read.key]) {
      assert.match(String(pem), /^-----BEGIN /m);
    }
  });

  it('TLS: a file of no use is named', () => {
    const alone = tlsOf('--cert-file', `${tls}client.pem`);
    assert.match(String(alone), /^--cert-file and --key-file belong/);
    assert.match(String(tlsOf('--ca-file', `${tls}none.pem`)), /^--ca-file: there is no file/);
  });

  it('TLS: of no use where the address is none of TLS', () => {
    const read = (endpoint: string, ...args: string[]) => {
      return readTlsTo(new URL(endpoint), nodeStorage, parse(...args));
    };
    const options = ['--ca-file', `${tls}authority.pem`];
    assert.equal(read('https://a', ...options).ok, true);
    assert.equal(read('http://a').ok, true);
    const message = '--ca-file and --cert-file are for a URL that begins with https://';
    const problems = [{ code: 'ERR_ARCHER_USAGE_INVALID', message }];
    assert.deepEqual(read('http://a', ...options), { ok: false, problems });
  });
});
