/** SIGTERM and SIGINT: the first one asks to stop, a second one ends the process at once. */
import { type Clock, systemClock } from '../../shared/clock.ts';
import { signalExitCode } from './exit-code.ts';

export type StopSignal = keyof typeof signalExitCode;

/**
 * A terminal sends Ctrl-C to npm and to its child process, and npm sends it on to the child. The
 * same signal twice within this time counts as one.
 */
const sameSignalMs = 1_000;

export interface StopSignals {
  /** Resolves with the first signal. */
  readonly first: Promise<StopSignal>;
  /** Is aborted by the first signal. */
  readonly abort: AbortSignal;
  /** Stops listening, so the signals have their default effect again. */
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
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (name !== 'SIGINT' && name !== 'SIGTERM') return;
    if (firstName === undefined) {
      firstName = name;
      firstMs = clock.monotonicMs();
      resolveFirst(name);
      controller.abort();
    } else if (name !== firstName || clock.monotonicMs() - firstMs >= sameSignalMs) {
      end(signalExitCode[name]);
    }
  };
  const names = Object.keys(signalExitCode) as StopSignal[];
  for (const name of names) process.on(name, onSignal);
  const forget = () => {
    for (const name of names) process.off(name, onSignal);
  };
  return { first, abort: controller.signal, forget };
}
