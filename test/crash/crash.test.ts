/**
 * Kills recorders at named points and at random moments. No acknowledged item is lost or
 * duplicated.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { itemNames, type Signal, signals } from '../../src/shared/signal.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import {
  cleanUp,
  makeFolder,
  type RecorderProcess,
  startRecorder,
} from '../recorder/recorder-process.ts';
import { assertExactlyOnce } from './exactly-once.ts';
import { type KillPoint, killPoints, recoveryKillPoints } from './kill-point.ts';
import { type Account, itemName, Load } from './load.ts';

const rounds = Number(process.env['ROUNDS'] ?? '13');
const hook = new URL('./kill-hook.js', import.meta.url).href;

/** Batches, segments and log files are so small that each of them is completed within a round. */
const flags = [
  ...['--batch-max-rows', '300', '--batch-max-age', '50ms'],
  ...['--rotation-max-bytes', '100KB', '--wal-max-bytes', '8MiB', '--compression', 'none'],
  ...['--max-request-bytes', '1MiB', '--max-inflight-bytes', '8MiB', '--ring-bytes', '256KiB'],
];

/** Picks a form of sealed segments, because the configuration may change between two starts. */
function someFlags(random: TestRandom): string[] {
  return [...flags, '--rotation-seal-format', random.pick(['stream', 'file'])];
}

/** Number of rounds that share an archive: each recovery finds what the recovery before it left. */
const roundsPerFolder = 7;

after(cleanUp);

function environmentOf(point: KillPoint | undefined): Record<string, string> {
  if (point === undefined) return {};
  return { NODE_OPTIONS: `--import=${hook}`, ARCHER_KILL_POINT: JSON.stringify(point) };
}

function exited(recorder: RecorderProcess): Promise<void> {
  return new Promise((resolve) => {
    if (recorder.child.exitCode !== null || recorder.child.signalCode !== null) resolve();
    else recorder.child.once('exit', () => resolve());
  });
}

/**
 * Records under load until the recorder is dead: at its kill point or, if that is not reached, at a
 * random moment.
 */
async function recordAndKill(
  outputDir: string,
  account: Account,
  point: KillPoint | undefined,
  random: TestRandom,
): Promise<'at the point' | 'by chance' | 'at its start'> {
  const form = someFlags(random);
  const opened = await startRecorder(form, outputDir, environmentOf(point)).catch(() => undefined);
  if (opened === undefined) return 'at its start';
  const load = new Load(opened.ports, account);
  const sending = load.run();
  const ended = exited(opened).then(() => 'at the point' as const);
  const chance = sleep(300 + random.below(1200)).then(() => 'by chance' as const);
  const how = await Promise.race([ended, chance]);
  opened.child.kill('SIGKILL');
  await ended;
  load.stop();
  await sending;
  return how;
}

/** Recovers. If a point is given and reached, the recorder is killed there during its recovery. */
async function recover(outputDir: string, point: KillPoint | undefined): Promise<void> {
  const recorder = await startRecorder(flags, outputDir, environmentOf(point)).catch(
    () => undefined,
  );
  await recorder?.stop('SIGKILL');
}

function countOf(signal: Signal, { acknowledged }: Account): number {
  return [...acknowledged].filter((name) => name.startsWith(itemName(signal, ''))).length;
}

describe('kill -9', () => {
  const seed = chooseSeed();
  const random = new TestRandom(seed);
  const names = Object.keys(killPoints);
  let outputDir = '';
  const mostAcknowledged = { traces: 0, metrics: 0, logs: 0 };
  let account: Account = { acknowledged: new Set(), others: new Set() };

  for (let round = 0; round < rounds; round++) {
    const name = names[round % names.length]!;
    it(`round ${round + 1}: ${name}`, async (test) => {
      if (round % roundsPerFolder === 0) {
        outputDir = makeFolder();
        account = { acknowledged: new Set(), others: new Set() };
      }
      const point = { ...killPoints[name]!, nth: 1 + random.below(killPoints[name]!.nthMax ?? 40) };
      const how = await recordAndKill(outputDir, account, point, random);
      const killedAgain: string[] = [];
      for (let again = random.below(4); again > 0; again--) {
        const where = random.pick(Object.keys(recoveryKillPoints));
        killedAgain.push(where);
        await recover(outputDir, { ...recoveryKillPoints[where]!, nth: 1 + random.below(4) });
      }
      const last = await startRecorder(someFlags(random), outputDir);
      const { code } = await last.stop();
      const { acknowledged, others } = account;
      test.diagnostic(
        `SEED=${seed} killed ${how} (call ${point.nth}), again: ${killedAgain.join(', ') || 'no'}; ` +
          `${acknowledged.size} items acknowledged, ${others.size} not`,
      );
      assert.equal(code, 0);
      for (const signal of signals) {
        mostAcknowledged[signal] = Math.max(mostAcknowledged[signal], countOf(signal, account));
      }
      assertExactlyOnce(outputDir, account);
    });
  }

  for (const signal of signals) {
    it(`the rounds before: have recorded ${itemNames[signal]} to be lost`, () => {
      const most = mostAcknowledged[signal];
      assert.ok(most > 100, `at most ${most} ${itemNames[signal]} were acknowledged`);
    });
  }
});
