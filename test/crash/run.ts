/** `npm run test:crash -- --rounds N`: runs N rounds of recording, killing and recovering. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '60' } } });
const roundCount = Number(values.rounds);

/** One round in six also forwards. Such a round takes about as long as the others. */
const forwardRoundCount = Math.ceil(roundCount / 6);

const runner = fileURLToPath(new URL('../run.js', import.meta.url));
const { status } = spawnSync(process.execPath, [runner, 'crash'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ROUNDS: String(roundCount - forwardRoundCount),
    FORWARD_ROUNDS: String(forwardRoundCount),
    TEST_TIMEOUT_MS: String(roundCount * 60_000),
  },
});
process.exit(status ?? 1);
