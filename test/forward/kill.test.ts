/** Two rounds of the crash test that `npm run test:crash` runs many times. */
import { describeForwardRounds } from '../crash/forward-rounds.ts';

describeForwardRounds(2);
