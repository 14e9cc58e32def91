/** Two of the rounds that `npm run test:crash` runs many of. */
import { describeForwardRounds } from '../crash/forward-rounds.ts';

describeForwardRounds(2);
