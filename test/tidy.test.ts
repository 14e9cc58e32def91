/** Holds the laws of the tree: who may import what, and what every source file looks like. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** The decoder is AssemblyScript: rules about Node's modules and tests by name do not apply to it. */
const decoder = 'columns/decode/';

/**
 * The map of src/: each folder, and the folders that its files may import besides their own. A
 * folder may only name folders above it, so that nothing imports upward or in a circle.
 */
const map: Readonly<Record<string, readonly string[]>> = {
  // Words and ports that all use. `errors/` has the table of errors, a file for each area.
  'shared/errors': [],
  shared: ['shared/errors'],

  // The lock-free rings between the threads that receive and the lanes.
  ring: ['shared'],

  // From protobuf to columns, in WebAssembly. `decode/` and `rebuild/` mirror each other.
  'columns/decode/wire': [],
  'columns/decode/memory': ['columns/decode/wire'],
  'columns/decode/text': ['columns/decode/memory', 'columns/decode/wire'],
  'columns/decode/column': below('columns/decode', 'text', 'memory', 'wire'),
  'columns/decode/zstd': below('columns/decode', 'column', 'memory'),
  'columns/decode/value': below('columns/decode', 'text', 'memory', 'wire'),
  'columns/decode/request': below('columns/decode', 'value', 'column', 'memory', 'wire'),
  'columns/decode/traces': below('columns/decode', 'request', 'value', 'column', 'wire'),
  'columns/decode/metrics': below('columns/decode', 'request', 'value', 'column', 'memory', 'wire'),
  'columns/decode/logs': below('columns/decode', 'request', 'value', 'column', 'text', 'wire'),
  'columns/decode/batch': below(
    'columns/decode',
    ...['traces', 'metrics', 'logs', 'request', 'value', 'column', 'text', 'memory', 'wire'],
  ),
  'columns/decode': below('columns/decode', 'batch', 'zstd', 'column', 'memory'),

  // From columns to an Arrow RecordBatch.
  'columns/arrow': ['shared'],

  // From rows back to protobuf.
  'columns/rebuild/wire': [],
  'columns/rebuild/column': ['shared'],
  'columns/rebuild/text': below('columns/rebuild', 'column', 'wire'),
  'columns/rebuild/value': below('columns/rebuild', 'text', 'column', 'wire'),
  'columns/rebuild/field': below('columns/rebuild', 'value', 'column', 'wire'),
  'columns/rebuild/request': below('columns/rebuild', 'field', 'column', 'wire'),
  'columns/rebuild/traces': below('columns/rebuild', 'field'),
  'columns/rebuild/metrics': below('columns/rebuild', 'request', 'field', 'column', 'wire'),
  'columns/rebuild/logs': below('columns/rebuild', 'field', 'value', 'column', 'wire'),
  columns: [
    'shared',
    'columns/arrow',
    ...below('columns/rebuild', 'traces', 'metrics', 'logs', 'request', 'column', 'wire'),
  ],

  // The disk: the port, the names of files, and the formats.
  disk: ['shared'],
  'disk/lock': ['shared', 'disk'],
  'disk/ipc': ['shared', 'disk'],
  'disk/wal': ['shared', 'disk'],
  'disk/segment': ['shared', 'disk', 'disk/ipc'],
  'disk/catalogue': ['shared', 'disk', 'disk/ipc', 'disk/segment'],
  'disk/recovery': ['shared', 'disk', 'disk/ipc', 'disk/segment'],
  'disk/check': ['shared', 'disk', 'disk/ipc', 'disk/wal'],

  // All settings, from their sources.
  config: ['shared', 'disk'],

  // From a socket to one request body.
  'accept/body': ['shared'],
  'accept/json': ['shared'],
  accept: ['shared', 'accept/body'],
  'accept/http': ['shared', 'accept', 'accept/body', 'accept/json'],
  'accept/grpc': ['shared', 'accept'],

  // The loop that takes, logs, answers and writes.
  lane: [
    'shared',
    'ring',
    'columns',
    'config',
    ...below('disk', '', 'lock', 'wal', 'segment', 'recovery'),
  ],

  // What becomes of sealed segments.
  retention: ['shared', ...below('disk', '', 'segment', 'catalogue')],

  // Reading the archive back.
  query: ['shared', 'columns', ...below('disk', '', 'ipc', 'segment', 'catalogue')],

  // Sending requests on.
  client: ['shared'],
  forward: ['shared', 'config', 'client', 'query', ...below('disk', '', 'wal', 'catalogue')],

  // What people and programs see of a running recorder; they reach it through a port alone.
  serve: ['shared'],

  // What runs in each thread, and its other side on the main thread.
  threads: [
    ...['shared', 'config', 'disk', 'ring', 'columns', 'columns/arrow', 'lane'],
    ...below('accept', '', 'http', 'grpc'),
  ],

  // The only place where a recorder is put together.
  recorder: [
    ...['shared', 'config', 'ring', 'columns', 'lane', 'retention', 'forward', 'serve', 'threads'],
    ...below('disk', '', 'lock', 'ipc', 'segment'),
  ],

  // The commands: each has a file, and a folder where it has parts.
  'commands/process': ['shared'],
  'commands/terminal': ['shared'],
  'commands/options': ['shared', 'config', 'client', 'disk', 'commands/process'],
  'commands/delivery': ['shared', 'client'],
  'commands/verify': [
    ...['shared', 'columns', 'commands/options', 'commands/terminal'],
    ...below('disk', '', 'ipc', 'wal', 'check'),
  ],
  'commands/repair': ['shared', ...below('disk', 'ipc', 'check')],
  'commands/export': [
    ...['shared', 'disk', 'disk/ipc', 'columns', 'columns/arrow', 'client', 'query'],
    ...below('commands', 'options', 'process', 'terminal'),
  ],
  'commands/import': [
    ...[
      'shared',
      'config',
      'disk',
      'disk/lock',
      'accept/body',
      'accept/json',
      'client',
      'recorder',
    ],
    ...below('commands', 'delivery', 'terminal'),
  ],
  'commands/replay': [
    ...['shared', 'query'],
    ...below('commands', 'delivery', 'export', 'options'),
  ],
  'commands/generate': [
    ...['shared', 'disk', 'client'],
    ...below('commands', 'delivery', 'options', 'process'),
  ],
  commands: [
    ...['shared', 'config', 'client', 'query', 'threads', 'recorder'],
    ...below('disk', '', 'lock', 'ipc', 'catalogue', 'check'),
    ...below('commands', 'process', 'terminal', 'options', 'delivery'),
    ...below('commands', 'verify', 'repair', 'export', 'import', 'replay', 'generate'),
  ],

  // The doors: the command and the library.
  '': ['shared', 'query', 'threads', 'commands', 'commands/terminal'],
};

/** The named folders below a folder; an empty name stands for the folder itself. */
function below(folder: string, ...names: readonly string[]): string[] {
  return names.map((name) => (name === '' ? folder : `${folder}/${name}`));
}

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

/** The folder of a path below src/; empty for the doors. */
function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === '.' ? '' : folder;
}

/** Where a relative import of a source leads, below src/. */
function target(source: Source, specifier: string): string {
  return join(dirname(source.path), specifier).replaceAll('\\', '/');
}

describe('tidy', () => {
  it('reads the sources: there are some', () => {
    assert.ok(typescript.length > 20, `only ${typescript.length} source files found`);
  });

  it('map: names every folder, and no other', () => {
    const folders = new Set(sources.map(({ path }) => folderOf(path)));
    assert.deepEqual([...folders].sort(), Object.keys(map).sort());
  });

  it('map: a folder may only import folders above it', () => {
    const above = new Set<string>();
    const broken = Object.entries(map).flatMap(([folder, allowed]) => {
      const upward = allowed.filter((name) => !above.has(name));
      above.add(folder);
      return upward.map((name) => `${folder} imports ${name}, which does not stand above it`);
    });
    assertNone(broken, 'nothing imports upward or in a circle');
  });

  it('imports: a folder imports itself and what the map allows', () => {
    const broken = sources.flatMap((source) => {
      const folder = folderOf(source.path);
      const allowed = [folder, ...(map[folder] ?? [])];
      return source.imports
        .filter((name) => name.startsWith('.'))
        .map((name) => target(source, name))
        .filter((path) => !allowed.includes(folderOf(path)))
        .map((path) => `${source.path} imports ${path}`);
    });
    assertNone(broken, 'an import that the map does not have');
  });

  it('map: allows nothing that no file imports', () => {
    const used = new Set(
      sources.flatMap((source) =>
        source.imports
          .filter((name) => name.startsWith('.'))
          .map((name) => `${folderOf(source.path)} imports ${folderOf(target(source, name))}`),
      ),
    );
    const broken = Object.entries(map)
      .flatMap(([folder, allowed]) => allowed.map((name) => `${folder} imports ${name}`))
      .filter((line) => !used.has(line));
    assertNone(broken, 'a line of the map that is not needed');
  });

  const owners = [
    { what: /^node:fs/, owner: /^disk\/storage\.ts$/ },
    {
      what: /^(node:(http|https|http2|net|tls|dgram)|@grpc\/grpc-js|fastify)$/,
      owner: /^(accept|client|serve|commands)\//,
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

  it('shared memory: only ring/ touches it atomically', () => {
    const broken = typescript
      .filter((source) => !source.path.startsWith('ring/') && /\bAtomics\./.test(source.text))
      .map((source) => source.path);
    assertNone(broken, 'ring/layout.ts knows the offsets');
  });

  it('files: each opens with one sentence', () => {
    const broken = sources
      .map((source) => ({ path: source.path, text: source.text.replace(/^#!.*\n/, '') }))
      .filter(({ text }) => !/^\/\*\*(?: |\n \* )[A-Z"`]/.test(text))
      .map(({ path }) => path);
    assertNone(broken, 'a file says what it is for');
  });

  it('comments: none begins with Of, As, For what or Whether', () => {
    const clipped = /\/\*\*\s+(?:\*\s+)?(Of|As|For what|Whether)\b/g;
    const broken = [...sources, ...readSources('test'), ...readSources('bench')].flatMap(
      ({ path, text }) =>
        [...text.matchAll(clipped)].map((match) => {
          const line = text.slice(0, match.index).split('\n').length;
          return `${path}:${line} begins with ${match[1]}`;
        }),
    );
    assertNone(broken, 'a comment is a sentence with a subject and a verb');
  });

  it('files: cite only pages that this repository has', () => {
    const broken = [...sources, ...readSources('test'), ...readSources('bench')]
      .filter(({ path }) => path !== 'tidy.test.ts')
      .filter(({ text }) => /\b(interface|schema|architecture)\.md\b/.test(text))
      .map(({ path }) => path);
    assertNone(broken, 'docs/ has the contract');
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
