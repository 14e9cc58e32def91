/** What V8 keeps for young objects, in processes of their own: a flag counts for a whole process. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { laneLimits } from '../../src/threads/young-generation.ts';

const module = new URL('../../src/threads/young-generation.js', import.meta.url);

/** MiB of the young generation after much garbage, of which some lives on for a while. */
const measure = `
  const { getHeapSpaceStatistics } = await import('node:v8');
  let kept = [];
  for (let i = 0; i < 3_000_000; i++) {
    kept.push({ i });
    if (kept.length > 100_000) kept = [];
  }
  const spaces = getHeapSpaceStatistics();
  const { space_size } = spaces.find(({ space_name }) => space_name === 'new_space');
  console.log(space_size / 2 ** 20);
`;

function youngMiB(script: string): number {
  const args = ['--input-type=module', '-e', script];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

const inWorker = `
  const { laneLimits } = await import('${module}');
  const { Worker } = await import('node:worker_threads');
  new Worker(${JSON.stringify(`(async () => {${measure}})()`)}, {
    eval: true,
    resourceLimits: laneLimits,
  });
`;

describe('young generation', () => {
  const grownMiB = youngMiB(measure);

  it('keepYoungGenerationSmall: it does not grow, as it would otherwise', () => {
    const small = `(await import('${module}')).keepYoungGenerationSmall();`;
    const keptMiB = youngMiB(`${small}${measure}`);
    assert.ok(keptMiB <= 4 && grownMiB >= 2 * keptMiB, `${keptMiB}, else ${grownMiB} MiB`);
  });

  it('laneLimits: it grows no further than they say', () => {
    const keptMiB = youngMiB(inWorker);
    const limitMiB = laneLimits.maxYoungGenerationSizeMb!;
    assert.ok(keptMiB <= limitMiB && grownMiB > limitMiB, `${keptMiB}, else ${grownMiB} MiB`);
  });
});
