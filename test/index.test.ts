/** The library's types are usable by a program outside of this package. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cleanUp, makeFolder } from './recorder/recorder-process.ts';

after(cleanUp);

const declarations = fileURLToPath(new URL('../src/index.d.ts', import.meta.url));
const require = createRequire(import.meta.url);

const program = `
import { ArcherError, type ErrorCode, openArchive, type SpanRow } from 'otlp-archer';
const archive = openArchive('./output', { onFault: ({ code, path, what }) => console.error(code satisfies ErrorCode, path, what) });
const query = { from: '-1h', to: new Date(0), service: ['a', 'b'], columns: ['name', 'attributes'] } as const;
for await (const span of archive.spans(query)) {
  const name: string = span.name;
  console.log(name, span.attributes['http.route']);
  // @ts-expect-error a column that was not chosen
  console.log(span.trace_id);
}
const trace: SpanRow[] = await archive.trace('ab');
for await (const { value } of archive.metrics({ name: 'cpu' })) console.log(value ?? trace.length);
for await (const { body } of archive.logs({ traceId: 'ab' })) console.log(body?.length);
for await (const { bytes, batchId } of archive.requests({ signal: 'logs' })) {
  const content: Uint8Array = bytes;
  console.log(content, batchId + 1n);
}
try {
  openArchive('./nowhere');
} catch (error) {
  if (error instanceof ArcherError && error.code === 'ERR_ARCHER_DIRECTORY_MISSING') throw error;
  // @ts-expect-error no such code
  if (error instanceof ArcherError && error.code === 'ERR_ARCHER_NOPE') throw error;
}
// @ts-expect-error no such column
archive.spans({ columns: ['nope'] });
`;

function compile(options: Record<string, unknown>): string {
  const folder = makeFolder();
  const typescript = require.resolve('typescript/package.json');
  const compilerOptions = {
    ...{ target: 'es2022', strict: true, noEmit: true, skipLibCheck: false, types: ['node'] },
    ...{ typeRoots: [join(dirname(dirname(typescript)), '@types')] },
    ...{ paths: { 'otlp-archer': [declarations] } },
    ...options,
  };
  writeFileSync(join(folder, 'use.mts'), program);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['use.mts'] }),
  );
  const tsc = join(dirname(typescript), require(typescript).bin.tsc);
  const found = spawnSync(process.execPath, [tsc, '--project', folder], { encoding: 'utf8' });
  return `exit ${found.status}${found.stdout}${found.stderr}`;
}

describe('library', () => {
  it('a program compiles against its types, as Node and as bundlers resolve', () => {
    assert.equal(compile({ module: 'nodenext' }), 'exit 0');
    assert.equal(compile({ module: 'esnext', moduleResolution: 'bundler' }), 'exit 0');
  });
});
