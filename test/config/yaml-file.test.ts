/** The configuration file: its sections, and the place of each problem. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readYamlSettings } from '../../src/config/yaml-file.ts';
import { messagesOf } from '../shared/messages.ts';

function read(text: string) {
  const { problems, ...found } = readYamlSettings(text, 'a.yaml');
  return { ...found, problems: messagesOf(problems) };
}

describe('YAML file', () => {
  it('settings in sections, with their places', () => {
    const { given, problems } = read(
      '# first\nbatch:\n  max_rows: 5\nretention: {logs: {max_age: 1d}}\n',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual([...given.keys()], ['batch.max_rows', 'retention.logs.max_age']);
    const rows = given.get('batch.max_rows');
    assert.equal(rows?.value, 5);
    assert.equal(rows?.source, 'a.yaml');
    assert.equal(rows?.hasReferences, true);
    assert.equal(rows?.place([]), 'a.yaml:3:3: batch.max_rows');
  });

  it('the place of an entry of a destination, or of its nearest parent', () => {
    const { given } = read(
      'forwarding:\n  - name: a\n    retry:\n      max_delay: 5\n  - name: b\n',
    );
    const place = given.get('forwarding')?.place;
    assert.equal(place?.([0, 'retry', 'max_delay']), 'a.yaml:4:7: forwarding[0].retry.max_delay');
    assert.equal(place?.([1, 'name']), 'a.yaml:5:5: forwarding[1].name');
    assert.equal(place?.([1, 'endpoint']), 'a.yaml:5:5: forwarding[1].endpoint');
  });

  it('empty files and sections are allowed', () => {
    for (const text of [
      '',
      '# nothing\n',
      '{}',
      'batch:\n  # max_rows: 5\nretention: {logs: }\n',
    ]) {
      assert.deepEqual(read(text), { isReadable: true, given: new Map(), problems: [] }, text);
    }
  });

  it('unknown keys at every depth are reported with the nearest name', () => {
    const { problems } = read(
      'bathc: {max_rows: 5}\nbatch: {max_row: 5}\nretention: {zzzzzzzzz: {max_age: 1d}}\n',
    );
    assert.deepEqual(problems, [
      'a.yaml:1:1: bathc is no setting; did you mean batch?',
      'a.yaml:2:9: batch.max_row is no setting; did you mean batch.max_rows?',
      'a.yaml:3:13: retention.zzzzzzzzz is no setting',
    ]);
  });

  it('values in place of sections, keys without a value and keys with dots are reported', () => {
    const { problems } = read(
      'batch: 5\nhttp: [1]\ngrpc.port: 5\nlanes:\n__proto__: {x: 1}\ntrue: x\n',
    );
    assert.deepEqual(problems, [
      'a.yaml:1:1: batch must hold settings, each on a line of its own',
      'a.yaml:2:1: http must hold settings, each on a line of its own',
      'a.yaml:3:1: grpc.port must be written as sections: a line and deeper lines for each dot',
      'a.yaml:4:1: lanes has no value: give it one, or remove the line',
      'a.yaml:5:1: __proto__ is no setting',
      'a.yaml:6:1: true is no setting',
    ]);
    assert.deepEqual(read('- a').problems, [
      'a.yaml: it must hold settings, each on a line of its own',
    ]);
  });

  it('syntax errors are reported with line and column, one line each, 10 at most', () => {
    const { given, problems } = read('batch:\n  max_rows: 5\n  max_rows: 6\nhttp: {port: 5\n');
    assert.equal(given.size, 0);
    assert.equal(problems[0], 'a.yaml:3:3: Map keys must be unique');
    assert.equal(problems.length, 2);
    for (const text of ['a: b: c', '\ta: 1', 'a: "x', 'a: 1\n---\nb: 2', 'preset: !x balanced']) {
      assert.match(read(text).problems[0] ?? '', /^a\.yaml:\d+:\d+: [^\n]+$/, text);
    }
    const many = Array.from({ length: 50 }, () => 'preset: x').join('\n');
    assert.equal(read(many).problems.length, 10);
  });

  it('a file with deep nesting is refused before it is parsed', () => {
    for (const text of ['['.repeat(50_000), '[x,'.repeat(20_000), '- '.repeat(30_000)]) {
      assert.deepEqual(read(text).problems, ['a.yaml: it is nested too deeply']);
    }
    const indented = Array.from({ length: 360 }, (_, depth) => `${' '.repeat(depth)}a:`);
    assert.deepEqual(read(indented.join('\n')).problems, ['a.yaml:1:1: a is no setting']);
  });

  it('aliases are followed up to a limit', () => {
    const { given } = read('grpc: &here {host: localhost}\nhttp: *here\n');
    assert.equal(given.get('http.host')?.value, 'localhost');
    assert.match(given.get('http.host')?.place([]) ?? '', /^a\.yaml:\d+:\d+: http\.host$/);
    assert.match(read('http: *nowhere').problems[0] ?? '', /^a\.yaml: Unresolved alias/);
    const bomb = Array.from({ length: 9 }, (_, index) => {
      const inner =
        index === 0
          ? 'x'
          : Array(9)
              .fill(`*a${index - 1}`)
              .join(', ');
      return `k${index}: &a${index} [${inner}]`;
    });
    assert.match(read(bomb.join('\n')).problems[0] ?? '', /Excessive alias count/);
  });
});
