/** The three signals of OTLP, their numbers in frames and their public names. */

/** In the order of their numbers: a frame header stores the index. */
export const signals = ['traces', 'metrics', 'logs'] as const;

export type Signal = (typeof signals)[number];

/** The items that are counted for each signal, in the words of messages. */
export const itemNames = {
  traces: 'spans',
  metrics: 'data points',
  logs: 'log records',
} as const satisfies Record<Signal, string>;

/** The number a frame header stores for a signal. */
export function signalNumber(signal: Signal): number {
  return signals.indexOf(signal);
}
