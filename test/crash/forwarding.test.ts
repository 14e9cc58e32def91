/** Runs the rounds of forwarding under kill -9. `--rounds` determines their number. */
import { describeForwardRounds } from './forward-rounds.ts';

describeForwardRounds(Number(process.env['FORWARD_ROUNDS'] ?? '3'));
