/** What one instance says of its own process: load, memory, what is under way and what waits. */
import type { Instance } from './fleet.ts';
import { Gauge, type Instrument, Sum } from './instrument.ts';
import type { Random } from './random.ts';
import { type KeyValue, toKeyValues } from './telemetry.ts';

/** How far a value walks between two looks. */
const memoryStepBytes = 4 * 1024 * 1024;
const memoryBytesMin = 64 * 1024 * 1024;
const memoryBytesMax = 512 * 1024 * 1024;
const activeCountMax = 40;
const queueLengthMax = 200;

const cpuModes = ['user', 'system'] as const;

const consumers: ReadonlySet<string> = new Set(['shipping', 'email']);

export class ProcessMetrics {
  readonly #random: Random;
  readonly #cpu = new Gauge(
    { name: 'process.cpu.utilization', unit: '1', description: 'Of the processors allotted.' },
    'double',
  );
  readonly #cpuTime = new Sum(
    { name: 'process.cpu.time', unit: 's', description: 'Spent since the start.' },
    'double',
    true,
  );
  readonly #memory = new Gauge(
    { name: 'process.memory.usage', unit: 'By', description: 'Physical memory in use.' },
    'int',
  );
  readonly #active = new Sum(
    { name: 'http.server.active_requests', unit: '{request}', description: 'Under way.' },
    'int',
    false,
  );
  readonly #queue = new Sum(
    { name: 'shop.queue.length', unit: '{message}', description: 'Messages that wait.' },
    'int',
    false,
  );
  readonly #isConsumer: boolean;
  readonly #queueAttributes = toKeyValues({ 'messaging.destination.name': 'orders' });
  #memoryBytes: number;
  #activeCount = 0;
  #queueLength = 0;

  constructor(instance: Instance, random: Random) {
    this.#random = random;
    this.#isConsumer = consumers.has(instance.service);
    this.#memoryBytes = random.between(memoryBytesMin, memoryBytesMax);
  }

  get instruments(): readonly Instrument[] {
    return [this.#cpu, this.#cpuTime, this.#memory, this.#active, this.#queue];
  }

  /** Looks at the process, as SDKs do right before an export. */
  observe(secondsSinceLast: number): void {
    const random = this.#random;
    for (const mode of cpuModes) {
      const share = random.logNormal(mode === 'user' ? 0.2 : 0.04, 0.4);
      const attributes = toKeyValues({ 'cpu.mode': mode });
      this.#cpu.set(Math.min(share, 1), attributes);
      this.#cpuTime.add(share * secondsSinceLast, attributes);
    }
    this.#memoryBytes = walk(this.#memoryBytes, random.between(-memoryStepBytes, memoryStepBytes), {
      min: memoryBytesMin,
      max: memoryBytesMax,
    });
    this.#memory.set(this.#memoryBytes, []);
    this.#activeCount = this.#move(this.#active, this.#activeCount, activeCountMax, []);
    if (!this.#isConsumer) return;
    const queueAttributes = this.#queueAttributes;
    this.#queueLength = this.#move(this.#queue, this.#queueLength, queueLengthMax, queueAttributes);
  }

  /** Adds what has come and gone since the last look; gives the new length. */
  #move(sum: Sum, from: number, max: number, attributes: readonly KeyValue[]): number {
    const step = Math.ceil(max / 4);
    const to = walk(from, this.#random.between(-step, step), { min: 0, max });
    sum.add(to - from, attributes);
    return to;
  }
}

function walk(from: number, step: number, bounds: { min: number; max: number }): number {
  return Math.min(Math.max(from + step, bounds.min), bounds.max);
}
