/** A lane's region for tests. The memory is not zero before the region is initialised. */
import { Consumer } from '../../src/ring/consumer.ts';
import {
  initialiseLane,
  type LaneLayout,
  type LayoutOptions,
  planLayout,
} from '../../src/ring/layout.ts';
import { Producer } from '../../src/ring/producer.ts';
import type { TakenFrame } from '../../src/ring/taken-frame.ts';

/** Fills the memory, so that tests notice a byte that was never written. */
export const dirt = 0xa5;

/** Limits that are larger than everything a test publishes. */
export const noLimits = { bytesMax: 2 ** 31, framesMax: 2 ** 31 };

export interface TestLane {
  readonly buffer: SharedArrayBuffer;
  readonly bytes: Buffer;
  readonly layout: LaneLayout;
  readonly consumer: Consumer;
  readonly producers: readonly Producer[];
  /** The first producer. */
  readonly producer: Producer;
}

export function planTestLayout(options: Partial<LayoutOptions> = {}): LaneLayout {
  return planLayout({ base: 64, ringCount: 1, ringBytes: 1024, overflowBytes: 4096, ...options });
}

export function openTestLane(options: Partial<LayoutOptions> = {}): TestLane {
  const layout = planTestLayout(options);
  const buffer = new SharedArrayBuffer(layout.base + layout.bytes + 64);
  const bytes = Buffer.from(buffer).fill(dirt);
  initialiseLane(buffer, layout);
  const consumer = new Consumer(buffer, layout);
  const producers = Array.from(
    { length: layout.ringCount },
    (_, ringIndex) => new Producer(buffer, layout, ringIndex),
  );
  return { buffer, bytes, layout, consumer, producers, producer: producers[0]! };
}

/** A copy of what a visitor saw in the ring. */
export interface SeenFrame {
  readonly signalNumber: number;
  readonly receivedTimeNs: bigint;
  readonly body: Buffer;
  readonly inOverflow: boolean;
}

export function copyFrame(bytes: Buffer, frame: TakenFrame): SeenFrame {
  const { signalNumber, receivedTimeNs, inOverflow, bodyAddress, bodyBytes } = frame;
  const body = Buffer.from(bytes.subarray(bodyAddress, bodyAddress + bodyBytes));
  return { signalNumber, receivedTimeNs, body, inOverflow };
}

/** Takes all frames of a ring without releasing them. */
export function takeAll({ consumer, bytes }: TestLane, ringIndex = 0): SeenFrame[] {
  const seen: SeenFrame[] = [];
  consumer.take(ringIndex, noLimits, (frame) => seen.push(copyFrame(bytes, frame)));
  return seen;
}

/** Releases the taken frames of a ring and answers them with these outcomes. */
export function answer({ consumer }: TestLane, outcomes: readonly number[], ringIndex = 0): void {
  consumer.release(ringIndex);
  for (const outcomeNumber of outcomes) consumer.pushResult(ringIndex, outcomeNumber);
  consumer.flushResults();
}

/** A body whose bytes are numbered, so that a byte in the wrong place is noticed. */
export function numberedBody(bodyBytes: number, first = 1): Uint8Array {
  return Uint8Array.from({ length: bodyBytes }, (_, index) => (first + index) & 0xff);
}
