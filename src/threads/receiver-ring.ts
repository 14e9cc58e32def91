/** Joins the intake of a receiver with its ring: bodies go to the lane, results come back. */
import { Intake, type Publish } from '../accept/intake.ts';
import type { LaneLayout } from '../ring/layout.ts';
import { FULL, Producer, TOO_LARGE } from '../ring/producer.ts';
import type { Clock } from '../shared/clock.ts';
import { outcomeOfNumber } from '../shared/outcome.ts';
import { signalNumber } from '../shared/signal.ts';

/**
 * Results are looked for this often even if no wake-up arrived, so that a lost wake-up delays an
 * answer by no more than this.
 */
const resultWaitMsMax = 100;

export interface ReceiverRingOptions {
  readonly clock: Clock;
  readonly inflightBytesMax: number;
  /** Index of this receiver's ring among the rings of the lane. */
  readonly ringIndex: number;
}

export class ReceiverRing {
  readonly intake: Intake;
  readonly #ringIndex: number;
  /** Undefined while there is no lane: bodies then wait as they do for a full ring. */
  #producer: Producer | undefined;
  #isWatching = false;

  constructor({ clock, inflightBytesMax, ringIndex }: ReceiverRingOptions) {
    this.#ringIndex = ringIndex;
    const publish: Publish = (...body) => this.#publish(...body);
    this.intake = new Intake({ publish, clock, inflightBytesMax });
  }

  /** From now on bodies go to this lane, those that wait first. */
  connect(buffer: SharedArrayBuffer, layout: LaneLayout): void {
    this.#producer = new Producer(buffer, layout, this.#ringIndex);
    this.intake.retry();
  }

  /**
   * To be called when the lane has died. Requests that it had acknowledged are answered so. All
   * others in flight are answered `unavailable`, and their senders may send them again.
   */
  disconnect(): void {
    const lost = this.#producer;
    this.#producer = undefined;
    if (lost === undefined) return;
    this.#takeResults(lost);
    for (let count = lost.framesInFlight; count > 0; count--) this.intake.settle('unavailable');
  }

  #publish(...[signal, receivedTimeNs, chunks, bodyBytes]: Parameters<Publish>) {
    if (this.#producer === undefined) return 'full';
    const number = signalNumber(signal);
    const ticket = this.#producer.publish(number, receivedTimeNs, chunks, bodyBytes);
    if (ticket === FULL) return 'full';
    if (ticket === TOO_LARGE) return 'too_large';
    if (!this.#isWatching) void this.#watchResults();
    return 'published';
  }

  /** Runs while frames are in flight. Each result may free room in the ring, hence the retry. */
  async #watchResults(): Promise<void> {
    this.#isWatching = true;
    while (this.#producer !== undefined && this.#producer.framesInFlight > 0) {
      const watched = this.#producer;
      await watched.resultsReady(resultWaitMsMax);
      if (watched !== this.#producer) continue;
      this.#takeResults(watched);
      this.intake.retry();
    }
    this.#isWatching = false;
  }

  #takeResults(producer: Producer): void {
    producer.takeResults((number) => this.intake.settle(outcomeOfNumber(number)));
  }
}
