/** A token bucket that limits how many requests start in a second. */

/** After a pause, the requests of this many seconds may start at once. */
const burstSeconds = 1;

export class RateLimit {
  readonly #perSecond: number;
  readonly #tokensMax: number;
  #tokens: number;
  #filledMs: number;

  /** 0 means no limit. */
  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#tokensMax = Math.max(1, perSecond * burstSeconds);
    this.#tokens = this.#tokensMax;
    this.#filledMs = nowMs;
  }

  /** Takes a token and returns 0; or returns the time until there is a token, in milliseconds. */
  take(nowMs: number): number {
    if (this.#perSecond === 0) return 0;
    const earned = ((nowMs - this.#filledMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#tokensMax, this.#tokens + earned);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return ((1 - this.#tokens) / this.#perSecond) * 1000;
    this.#tokens -= 1;
    return 0;
  }
}
