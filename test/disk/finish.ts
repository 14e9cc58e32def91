/** Runs stepwise work to its end at once. */
export function finish<T>(steps: Generator<void, T, undefined>, onStep: () => void = () => {}): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    onStep();
  }
}
