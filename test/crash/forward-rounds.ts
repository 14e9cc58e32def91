/** Kills recorder and destination at random moments. Every acknowledged item arrives. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cursorPath, metric, startForwarding, until } from '../forward/scene.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import { cleanUp, makeFolder, type RecorderProcess } from '../recorder/recorder-process.ts';
import { Destination } from './destination.ts';
import type { Arrival } from './destination-process.ts';
import { type Account, Load } from './load.ts';

const concurrency = 4;

/** The log is overwritten several times in a round, and many segments are sealed. */
const flags = [
  ...['--batch-max-rows', '300', '--batch-max-age', '50ms', '--compression', 'none'],
  ...['--rotation-max-bytes', '300KB', '--wal-max-bytes', '8MiB'],
  ...['--max-request-bytes', '1MiB', '--max-inflight-bytes', '8MiB', '--ring-bytes', '256KiB'],
];

/** Number of rounds that share an archive, a destination and the cursor. */
const roundsPerFolder = 4;

interface World {
  readonly outputDir: string;
  readonly destination: Destination;
  readonly protocol: string;
  readonly account: Account;
  /**
   * For each kill of the recorder: when its last cursor was written, and how many arrivals there
   * were.
   */
  readonly kills: { readonly cursorMs: number; readonly arrivalCount: number }[];
  destinationKillCount: number;
}

async function newWorld(random: TestRandom): Promise<World> {
  const protocol = random.pick(['http/protobuf', 'http/json', 'grpc']);
  const path = join(makeFolder(), 'arrivals.jsonl');
  const destination = new Destination(protocol === 'grpc' ? 'grpc' : 'http', path);
  await destination.run();
  const account = { acknowledged: new Set<string>(), others: new Set<string>() };
  const outputDir = makeFolder();
  return { outputDir, destination, protocol, account, kills: [], destinationKillCount: 0 };
}

function start({ outputDir, destination, protocol }: World): Promise<RecorderProcess> {
  const entry = { port: destination.port, protocol, concurrency, start: 'beginning' };
  return startForwarding([entry], flags, outputDir);
}

/** Records for a while. Kills the recorder, the destination or both at random moments. */
async function runRound(world: World, random: TestRandom): Promise<string> {
  const recorder = await start(world);
  const load = new Load(recorder.ports, world.account);
  const sending = load.run();
  const what = random.pick(['recorder', 'destination', 'both', 'destination, then recorder']);
  await sleep(200 + random.below(2_000));
  if (what !== 'recorder') {
    await world.destination.kill();
    world.destinationKillCount += 1;
    if (what.includes('then')) await sleep(random.below(1_000));
  }
  if (what === 'destination') await sleep(random.below(500));
  else {
    await recorder.stop('SIGKILL');
    const { mtimeMs: cursorMs } = statSync(cursorPath(world.outputDir, 'up'));
    world.kills.push({ cursorMs, arrivalCount: world.destination.arrivals().length });
  }
  await world.destination.run();
  load.stop();
  await sending;
  const last = what === 'destination' ? recorder : await start(world);
  await until('nothing is behind', async () => (await metric(last, 'lag_requests')) === 0);
  assert.equal(await metric(last, 'lost_requests_total'), 0);
  assert.equal(await metric(last, 'dropped_requests_total'), 0);
  assert.equal((await last.stop()).code, 0);
  return what;
}

/**
 * Returns the most requests that may arrive again: those that arrived after the last saved cursor,
 * and those in flight at a kill.
 */
function repeatsMax({ kills, destinationKillCount }: World, arrivals: readonly Arrival[]): number {
  const unsaved = kills.map(({ cursorMs, arrivalCount }) => {
    const before = arrivals.slice(0, arrivalCount);
    return before.filter(({ unixMs }) => unixMs >= Math.floor(cursorMs)).length;
  });
  const killCount = kills.length + destinationKillCount;
  return unsaved.reduce((sum, count) => sum + count, killCount * concurrency);
}

function check(world: World): { arrivalCount: number; repeatCount: number; max: number } {
  const { destination, account } = world;
  const arrivals = destination.arrivals();
  const counts = new Map<string, number>();
  for (const { names } of arrivals) counts.set(names[0]!, (counts.get(names[0]!) ?? 0) + 1);
  const arrived = new Set(arrivals.flatMap(({ names }) => names));
  const missing = [...account.acknowledged].filter((name) => !arrived.has(name));
  const unknown = [...arrived].filter((name) => {
    return !account.acknowledged.has(name) && !account.others.has(name);
  });
  assert.deepEqual([missing.length, unknown.length], [0, 0]);
  const repeatCount = arrivals.length - counts.size;
  const max = repeatsMax(world, arrivals);
  assert.ok(repeatCount <= max, `${repeatCount} repeats, where ${max} may be`);
  return { arrivalCount: arrivals.length, repeatCount, max };
}

export function describeForwardRounds(rounds: number): void {
  describe('kill -9 of a recorder that forwards, and of its destination', () => {
    const seed = chooseSeed();
    const random = new TestRandom(seed);
    const worlds: World[] = [];
    after(async () => {
      for (const { destination } of worlds) await destination.kill();
      cleanUp();
    });

    for (let round = 0; round < rounds; round++) {
      it(`round ${round + 1}: each acknowledged request arrives at least once`, async (test) => {
        if (round % roundsPerFolder === 0) worlds.unshift(await newWorld(random));
        const [world] = worlds;
        const what = await runRound(world!, random);
        const { arrivalCount, repeatCount, max } = check(world!);
        const { account, protocol } = world!;
        test.diagnostic(
          `SEED=${seed} ${protocol}, killed: ${what}; ${account.acknowledged.size} items ` +
            `acknowledged, ${arrivalCount} requests arrived, ${repeatCount} of them again (<= ${max})`,
        );
        assert.ok(account.acknowledged.size > 100, `only ${account.acknowledged.size} items`);
      });
    }
  });
}
