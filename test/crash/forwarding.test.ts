/** So many rounds of forwarding under kill -9 as `--rounds` gives to it. */
import { describeForwardRounds } from './forward-rounds.ts';

describeForwardRounds(Number(process.env['FORWARD_ROUNDS'] ?? '3'));
