/** `npm run test:crash -- --rounds N`: so many rounds of recording, killing and recovering. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '60' } } });
const runner = fileURLToPath(new URL('../run.js', import.meta.url));
const { status } = spawnSync(process.execPath, [runner, 'crash'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ROUNDS: values.rounds,
    TEST_TIMEOUT_MS: String(Number(values.rounds) * 60_000),
  },
});
process.exit(status ?? 1);
