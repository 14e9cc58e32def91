/** Parsers of option values for commander: each throws InvalidArgumentError with the remedy. */
import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../../config/units.ts';
import { type Signal, signals } from '../../shared/signal.ts';

const durationMsMax = 366 * 24 * 3_600_000;

/** Returns a parser of whole numbers from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

/** Returns a parser of decimal numbers from 0 to `max`. */
export function decimalNumber(max: number): (text: string) => number {
  return (text) => {
    const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (number <= max) return number;
    throw new InvalidArgumentError(`Give a number from 0 to ${max}.`);
  };
}

/** Returns the milliseconds of a time such as `10s`. */
export function duration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms > 0 && ms <= durationMsMax) return ms;
  throw new InvalidArgumentError('Give a time with its unit, such as 500ms, 10s, 5m or 1h.');
}

/** Returns the signals of a list such as `traces,logs`: each once, in the order of `signals`. */
export function signalList(text: string): readonly Signal[] {
  const names = text.split(',').map((name) => name.trim());
  const known: readonly string[] = signals;
  if (names.every((name) => known.includes(name))) {
    return signals.filter((signal) => names.includes(signal));
  }
  throw new InvalidArgumentError(`Give one or more of ${signals.join(',')}, with commas between.`);
}
