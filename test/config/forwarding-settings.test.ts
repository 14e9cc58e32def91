/** Destinations: their defaults, bounds and contradictions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configFrom, problemsFrom } from './loading.ts';

function destination(yaml: string) {
  const [found] = configFrom({
    yaml: `forwarding: [{name: a, endpoint: "https://x", ${yaml}}]`,
  }).forwarding;
  assert.ok(found !== undefined);
  return found;
}

/** Returns the problems without the place of the destination. */
function problemsOf(yaml: string): string[] {
  const all = problemsFrom({ yaml: `forwarding: [{name: a, endpoint: "https://x", ${yaml}}]` });
  return all.map((problem) => problem.replace(/^\S+ forwarding\[0\]\.?/, ''));
}

describe('forwarding', () => {
  it('a destination needs a name and an endpoint; everything else has a default', () => {
    assert.deepEqual(
      configFrom({ yaml: 'forwarding: [{name: a, endpoint: "https://x/p"}]' }).forwarding,
      [
        {
          name: 'a',
          endpoint: 'https://x/p',
          protocol: 'http/protobuf',
          compression: 'gzip',
          headers: {},
          auth: { type: 'none' },
          tls: {},
          timeout: 10_000,
          signals: ['traces', 'metrics', 'logs'],
          sampling: { ratio: 1 },
          concurrency: 4,
          rate_limit: 0,
          retry: { initial_delay: 100, multiplier: 2, max_delay: 10_000 },
          breaker: { failures: 5, reset_timeout: 30_000, successes: 2 },
          start: 'now',
        },
      ],
    );
    assert.deepEqual(problemsFrom({ yaml: 'forwarding: [{}]' }), [
      '1:14: forwarding[0].name: is missing',
      '1:14: forwarding[0].endpoint: is missing',
    ]);
  });

  it('auth: the short form, and each type', () => {
    assert.deepEqual(destination('auth: none').auth, { type: 'none' });
    const key = destination('auth: {type: api_key, value: v}').auth;
    assert.deepEqual(key, { type: 'api_key', header: 'X-API-Key', value: 'v' });
    const basic = destination('auth: {type: basic, username: u, password: p}').auth;
    assert.deepEqual(basic, { type: 'basic', username: 'u', password: 'p' });
    const token = destination('auth: {type: bearer_token, token: t}').auth;
    assert.deepEqual(token, { type: 'bearer_token', token: 't' });
    assert.match(problemsOf('auth: {type: digest}').join(), /auth.type: "digest" must be none, or/);
    assert.deepEqual(problemsOf('auth: {type: basic, username: u, passwrd: p}'), [
      'auth.password: is missing',
      'auth.passwrd is no setting; did you mean password?',
    ]);
  });

  it('numbers and times: within their bounds, also as texts', () => {
    assert.equal(destination('concurrency: "7"').concurrency, 7);
    assert.equal(destination('sampling: {ratio: "0.25"}').sampling.ratio, 0.25);
    assert.equal(destination('rate_limit: 0').rate_limit, 0);
    const yaml = 'concurrency: 0, timeout: 0, sampling: {ratio: 0}, retry: {multiplier: 0.5}';
    assert.deepEqual(problemsOf(`${yaml}, breaker: {failures: 1.5, reset_timeout: 5}`), [
      'timeout: 0 must be at least 1ms',
      'sampling.ratio: 0 must be at least 0.000001',
      'concurrency: 0 must be at least 1',
      'retry.multiplier: 0.5 must be at least 1',
      'breaker.failures: 1.5 must be a whole number',
      'breaker.reset_timeout: 5 needs a unit: ms, s, m, h or d',
    ]);
  });

  it('a mistyped entry is reported with the nearest name', () => {
    const problems = problemsOf('timout: 5s, retry: {max_dealy: 5s}');
    assert.deepEqual(problems, [
      'retry.max_dealy is no setting; did you mean max_delay?',
      'timout is no setting; did you mean timeout?',
    ]);
  });

  it('headers: names and values that HTTP allows, and none that the recorder sets', () => {
    assert.deepEqual(destination('headers: {x-team: shop}').headers, { 'x-team': 'shop' });
    assert.deepEqual(problemsOf('headers: {"a b": x, Content-Type: x, c: "x\\r\\ny: z"}'), [
      'headers.a b: is not a header name',
      'headers.Content-Type: is a header that the recorder sets itself',
      'headers.c: must fit into one line of a header',
    ]);
  });

  it('endpoint: a URL without secrets, and with no path for gRPC', () => {
    const of = (endpoint: string) => {
      return problemsFrom({
        yaml: `forwarding: [{name: a, protocol: grpc, endpoint: "${endpoint}"}]`,
      });
    };
    assert.match(of('collector:4317').join(), /must be a URL/);
    assert.match(of('ftp://collector').join(), /must be a URL/);
    assert.match(of('https://u:p@collector').join(), /holds a user or a password/);
    assert.match(of('https://collector/?a=b').join(), /must end with its path/);
    assert.match(of('https://collector/v1').join(), /must have no path/);
  });

  it('settings of a destination that contradict each other are reported with their values', () => {
    const delays = problemsOf('retry: {initial_delay: 1m, max_delay: 1s}');
    assert.deepEqual(delays, [
      'retry: initial_delay (1m) is above max_delay (1s): change one of them',
    ]);
    assert.match(problemsOf('tls: {cert_file: a}').join(), /tls: must have both/);
    const plain = problemsFrom({
      yaml: 'forwarding: [{name: a, endpoint: "http://x", tls: {ca_file: a}}]',
    });
    assert.match(plain.join(), /tls: is for an endpoint that begins with https/);
  });

  it('signals: each once, and at least one', () => {
    assert.deepEqual(destination('signals: [logs]').signals, ['logs']);
    assert.match(problemsOf('signals: []').join(), /must name a signal/);
    assert.match(problemsOf('signals: [logs, logs]').join(), /must name each signal once/);
    assert.match(problemsOf('signals: [log]').join(), /signals\[0\]: "log" must be one of/);
  });

  it('names: unique, with letters that file names allow, 16 at most', () => {
    const many = Array.from(
      { length: 17 },
      (_, index) => `{name: a${index}, endpoint: "https://x"}`,
    );
    assert.match(problemsFrom({ yaml: `forwarding: [${many}]` }).join(), /16 destinations at most/);
    const twice = problemsFrom({
      yaml: 'forwarding: [{name: a, endpoint: "https://x"}, {name: a, endpoint: "https://y"}]',
    });
    assert.deepEqual(twice, [
      '1:49: forwarding[1].name: "a" is the name of another destination too',
    ]);
    const path = problemsFrom({ yaml: 'forwarding: [{name: ../a, endpoint: "https://x"}]' });
    assert.match(path.join(), /name: "\.\.\/a" must be 1 to 63 letters/);
  });
});
