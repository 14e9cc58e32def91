/** Tests that the captured requests are what fixtures/README.md says they are. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requestType } from '../src/shared/otlp-messages.ts';

const folder = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const files = readdirSync(`${folder}requests`);

interface Request {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

interface Span {
  readonly name: string;
  readonly kind: number;
  readonly status?: { readonly code?: number };
  readonly events?: readonly unknown[];
  readonly links?: readonly unknown[];
  readonly droppedAttributesCount?: number;
}

function read(file: string): readonly Span[] {
  const bytes = readFileSync(`${folder}requests/${file}`);
  const type = requestType('traces');
  const request: Request = file.endsWith('.json')
    ? JSON.parse(bytes.toString())
    : type.toObject(type.decode(bytes), { longs: String });
  return request.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  );
}

describe('fixtures', () => {
  it('README: names every file, and every file is there', () => {
    const readme = readFileSync(`${folder}README.md`, 'utf8');
    const named = [...readme.matchAll(/^\| (\S+\.(?:pb|json)) +\|/gm)].map((match) => match[1]);
    assert.deepEqual(named.sort(), [...files].sort());
  });

  for (const file of files) {
    it(`${file}: the same five spans, with events, links and what was dropped`, () => {
      const spans = read(file);
      assert.deepEqual(
        spans.map(({ name }) => name),
        ['SELECT cakes', 'render', 'orders producer', 'orders consumer', 'GET /søk/{term} 🛒'],
      );
      assert.deepEqual(
        spans.map(({ kind }) => kind),
        [3, 1, 4, 5, 2],
      );
      const [query, step, , , server] = spans;
      assert.equal(query?.status?.code, 2);
      assert.equal(step?.status?.code, 1);
      assert.equal(step?.events?.length, 4);
      assert.equal(server?.links?.length, 2);
      assert.equal(server?.droppedAttributesCount, 2);
    });
  }
});
