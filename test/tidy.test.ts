/** Holds the laws of the tree: who may import what, and what every source file looks like. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const stages = ['accept', 'buffer', 'columns', 'disk', 'egress', 'serve'];
const decoder = 'columns/decoder/';

interface Source {
  /** Below src/, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function readSources(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const text = readFileSync(join(root, folder, name), 'utf8');
      const imports = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((m) => m[1] ?? '');
      return { path: name.replaceAll('\\', '/'), text, imports };
    });
}

const sources = readSources('src');
const typescript = sources.filter((source) => !source.path.startsWith(decoder));

/** Fails with one line for each place that breaks the law. */
function assertNone(broken: readonly string[], law: string): void {
  assert.equal(broken.join('\n'), '', law);
}

/** Where a relative import of a source leads, below src/. */
function target(source: Source, specifier: string): string {
  return join(dirname(source.path), specifier).replaceAll('\\', '/');
}

describe('tidy', () => {
  it('reads the sources: there are some', () => {
    assert.ok(typescript.length > 20, `only ${typescript.length} source files found`);
  });

  it('imports: a stage knows itself and shared/ only', () => {
    const broken = sources.flatMap((source) => {
      const stage = source.path.split('/')[0] ?? '';
      const allowed = stage === 'shared' ? ['shared'] : [stage, 'shared'];
      if (!stages.includes(stage) && stage !== 'shared') return [];
      return source.imports
        .filter((name) => name.startsWith('.'))
        .map((name) => target(source, name))
        .filter((path) => !allowed.includes(path.split('/')[0] ?? ''))
        .map((path) => `${source.path} imports ${path}`);
    });
    assertNone(broken, 'stages meet in composition roots only');
  });

  const owners = [
    { what: /^node:fs/, owner: /^disk\/storage\.ts$/ },
    {
      what: /^(node:(http|https|http2|net|tls|dgram)|@grpc\/grpc-js|fastify)$/,
      owner: /^(accept|egress|serve|commands)\//,
    },
    { what: /^apache-arrow$/, owner: /^(columns\/schema|disk\/|serve\/|commands\/)/ },
  ];
  for (const { what, owner } of owners) {
    it(`imports: ${what.source} belongs to ${owner.source}`, () => {
      const broken = typescript
        .filter((source) => source.imports.some((name) => what.test(name)))
        .filter((source) => !owner.test(source.path))
        .map((source) => source.path);
      assertNone(broken, 'the world enters by its port');
    });
  }

  it('time: only shared/clock.ts reads it', () => {
    const reads = /\bDate\.now\b|\bnew Date\(\)|\bperformance\.(now|timeOrigin)|\bhrtime\b/;
    const broken = typescript
      .filter((source) => source.path !== 'shared/clock.ts' && reads.test(source.text))
      .map((source) => source.path);
    assertNone(broken, 'time enters by the Clock port');
  });

  it('shared memory: only buffer/ touches it atomically', () => {
    const broken = typescript
      .filter((source) => !source.path.startsWith('buffer/') && /\bAtomics\./.test(source.text))
      .map((source) => source.path);
    assertNone(broken, 'buffer/layout.ts knows the offsets');
  });

  it('files: each opens with one sentence', () => {
    const broken = sources
      .map((source) => ({ path: source.path, text: source.text.replace(/^#!.*\n/, '') }))
      .filter(({ text }) => !/^\/\*\*(?: |\n \* )[A-Z"`]/.test(text))
      .map(({ path }) => path);
    assertNone(broken, 'a file says what it is for');
  });

  it('files: no line is longer than 100 columns', () => {
    const broken = sources.flatMap((source) =>
      source.text
        .split('\n')
        .flatMap((line, index) => (line.length > 100 ? [`${source.path}:${index + 1}`] : [])),
    );
    assertNone(broken, 'lines fit');
  });

  it('files: names are nouns of the field', () => {
    const vague = /(^|[-/])(utils?|helpers?|common|manager|misc)([-./]|$)/;
    assertNone(
      sources.map((source) => source.path).filter((path) => vague.test(path)),
      'a name says what is inside',
    );
  });

  it('tests: every source file that does something has one of its own name', () => {
    const broken = typescript
      .filter(({ text }) => /^export (async )?(function|class|const)\b/m.test(text))
      .map(({ path }) => path)
      .filter((path) => !existsSync(join(root, 'test', path.replace(/\.ts$/, '.test.ts'))));
    assertNone(broken, 'test/ mirrors src/');
  });

  it('tests: none is switched off', () => {
    const off = /\b(it|test|describe)\.(skip|todo|only)\(|\bskip: true/;
    const broken = readSources('test')
      .filter((source) => source.path !== 'tidy.test.ts' && off.test(source.text))
      .map((source) => source.path);
    assertNone(broken, 'a test that does not run is no test');
  });

  it('dependencies: each is defended in docs/ARCHITECTURE.md', () => {
    const packageFile = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const page = readFileSync(join(root, 'docs', 'ARCHITECTURE.md'), 'utf8');
    const broken = Object.keys(packageFile.dependencies).filter((name) => !page.includes(name));
    assertNone(broken, 'a dependency has its line');
  });
});
