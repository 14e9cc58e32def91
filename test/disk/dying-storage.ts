/**
 * The storage of a process that dies at a chosen call. That call does nothing or half of its work.
 */
import type { Storage } from '../../src/disk/storage.ts';

/** Thrown in place of the process's death. */
export class Death extends Error {}

export function dyingStorage(inner: Storage, callsBefore: number): Storage {
  let left = callsBefore;
  const mayCall = (): void => {
    left -= 1;
    if (left < 0) throw new Death('killed');
  };
  const write: Storage['write'] = (file, views, position) => {
    if (left === 0) {
      const bytes = Buffer.concat(views);
      inner.write(file, [bytes.subarray(0, bytes.length / 2)], position);
    }
    mayCall();
    return inner.write(file, views, position);
  };
  const others = Object.entries(inner).flatMap(([name, call]) =>
    typeof call === 'function' ? [[name, guarded(call as never, mayCall)]] : [],
  );
  return { ...Object.fromEntries(others), write } as Storage;
}

function guarded<Args extends unknown[], Result>(
  call: (...args: Args) => Result,
  mayCall: () => void,
): (...args: Args) => Result {
  return (...args) => {
    mayCall();
    return call(...args);
  };
}
