/** The page of errors says what the program says. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
  .join('\n');

/** The parts of a message between what it names, which stands there in capitals. */
function constantParts(message: string): string[] {
  return message
    .split(/\b[A-Z]+\b(?![-/])|: |, |[()…]/)
    .map((part) => part.replace(/^ *and | and *$/g, '').trim())
    .filter((part) => /\w{3}/.test(part));
}

describe('errors page', () => {
  const lines = page.split('\n').filter((line) => line.startsWith('- `'));
  const messages = lines.flatMap((line) =>
    [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  );

  it('lists messages, each with what it means', () => {
    assert.ok(messages.length > 30, `${messages.length} messages`);
    assert.equal(page.match(/\n- `.*\n(?!\n {2}\S)/), null);
  });

  for (const message of messages) {
    it(`is said by the program: ${message}`, () => {
      for (const part of constantParts(message)) {
        assert.ok(sources.includes(part), `no source says "${part}"`);
      }
    });
  }
});
