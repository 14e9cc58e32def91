/** SIGTERM and SIGINT: the first asks to stop, a second one ends the process at once. */
import { type Clock, systemClock } from '../../shared/clock.ts';
import { signalExitCode } from './exit-code.ts';

export type StopSignal = keyof typeof signalExitCode;

/**
 * A terminal delivers Ctrl-C to npm and to its child, and npm passes it on: within this it is one.
 */
const sameSignalMs = 1_000;

export interface StopSignals {
  /** Resolves with the first signal. */
  readonly first: Promise<StopSignal>;
  /** Leaves the signals to others again. */
  forget(): void;
}

export function onStopSignals(
  clock: Clock = systemClock,
  end: (code: number) => void = (code) => process.exit(code),
): StopSignals {
  let firstName: StopSignal | undefined;
  let firstMs = 0;
  let resolveFirst: (name: StopSignal) => void = () => {};
  const first = new Promise<StopSignal>((resolve) => {
    resolveFirst = resolve;
  });
  const heard = (name: NodeJS.Signals) => {
    if (name !== 'SIGINT' && name !== 'SIGTERM') return;
    if (firstName === undefined) {
      firstName = name;
      firstMs = clock.monotonicMs();
      resolveFirst(name);
    } else if (name !== firstName || clock.monotonicMs() - firstMs >= sameSignalMs) {
      end(signalExitCode[name]);
    }
  };
  const names = Object.keys(signalExitCode) as StopSignal[];
  for (const name of names) process.on(name, heard);
  const forget = () => {
    for (const name of names) process.off(name, heard);
  };
  return { first, forget };
}
