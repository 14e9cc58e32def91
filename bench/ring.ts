/**
 * Measures what the ring costs, compared with memcpy and crc32 of the same bytes, and with a
 * MessagePort.
 */
import {
  isMainThread,
  type MessagePort,
  parentPort,
  type Transferable,
  Worker,
  workerData,
} from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { Consumer } from '../src/ring/consumer.ts';
import { initialiseLane, type LaneLayout, planLayout, viewRing } from '../src/ring/layout.ts';
import { Producer } from '../src/ring/producer.ts';

const KiB = 1024;
const bodySizes = [1 * KiB, 64 * KiB, 512 * KiB];
const ringBytes = 16 * 1024 * KiB;
const limits = { bytesMax: 2 ** 31, framesMax: 2 ** 31 };

/** Each figure is the median of this many rounds, in which all rivals take turns. */
const roundCount = process.env.BENCH_QUICK === '1' ? 3 : 15;

/**
 * Offsets of the chunks, like those of a socket: they begin wherever the head before them ended.
 */
const unalignedBy = 5;

interface Lane {
  readonly buffer: SharedArrayBuffer;
  readonly layout: LaneLayout;
}

function openLane(): Lane {
  const layout = planLayout({ base: 0, ringCount: 1, ringBytes, overflowBytes: ringBytes });
  const buffer = new SharedArrayBuffer(layout.bytes);
  new Uint8Array(buffer).fill(1);
  initialiseLane(buffer, layout);
  return { buffer, layout };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Returns the nanoseconds of one of `count` equal actions. */
function timeNs(count: number, action: () => void): number {
  const startNs = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - startNs) / count;
}

/** Runs all candidates in turns for some rounds. Returns the median of each, by its name. */
function race(actions: Readonly<Record<string, () => number>>): Record<string, number> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round < roundCount; round += 1) {
    for (const [name, action] of Object.entries(actions)) {
      times[name] ??= [];
      times[name].push(action());
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
}

function print(name: string, value: string): void {
  console.log(`  ${name.padEnd(52)}${value.padStart(14)}`);
}

/** Measures the ring's own work for a frame, on both sides, in groups as a lane drains them. */
function measureFrame(): void {
  const { buffer, layout } = openLane();
  const producer = new Producer(buffer, layout, 0);
  const consumer = new Consumer(buffer, layout);
  const group = 64;
  const frames = 64 * group;
  const bodyBytes = 1 * KiB;
  const addresses: number[] = [];
  const stamp = { lane: 0, position: 1, epoch: 1 };
  const forGroup = (action: () => void) => () => {
    for (let index = 0; index < group; index += 1) action();
  };
  const publish = forGroup(() => {
    producer.claim(bodyBytes);
    producer.commit(0, 1n, 0);
  });
  const take = () => {
    addresses.length = 0;
    consumer.take(0, limits, ({ address }) => addresses.push(address));
    consumer.release(0);
  };
  const stampAll = () => {
    for (const address of addresses) consumer.stampFrame(address, stamp);
  };
  const pushAll = forGroup(() => consumer.pushResult(0, 0));
  const answer = () => {
    pushAll();
    consumer.flushResults();
  };
  const takeResults = () => producer.takeResults(() => {});
  const steps = { publish, take, stampAll, answer, takeResults };
  const round = () => {
    const sums: Record<string, number> = {};
    for (let at = 0; at < frames; at += group) {
      for (const [name, step] of Object.entries(steps)) {
        sums[name] = (sums[name] ?? 0) + timeNs(frames, step);
      }
    }
    return sums;
  };
  const rounds = Array.from({ length: 5 * roundCount }, round).slice(2 * roundCount);
  const ns = (name: string) => `${median(rounds.map((sums) => sums[name]!)).toFixed(0)} ns`;
  console.log(`One frame, without copy and checksum, in groups of ${group} (goal: below 1,000 ns)`);
  print('producer: claim and publish', ns('publish'));
  print('lane: take and release', ns('take'));
  print('lane: answer', ns('answer'));
  print('producer: take the result', ns('takeResults'));
  print('lane: stamp the header, with its checksum', ns('stampAll'));
}

/**
 * Measures the whole publication, compared with the two steps in it that no implementation can
 * avoid.
 */
function measurePublish(bodyBytes: number, offset: number): void {
  const { buffer, layout } = openLane();
  const producer = new Producer(buffer, layout, 0);
  const consumer = new Consumer(buffer, layout);
  const { ring } = viewRing(buffer, layout, 0);
  const count = Math.ceil((4 * 1024 * KiB) / bodyBytes);
  const source = new Uint8Array(8 * 1024 * KiB).fill(7);
  const body = (index: number) => {
    const at = offset + ((index * bodyBytes) % (4 * 1024 * KiB));
    return source.subarray(at, at + bodyBytes);
  };
  const target = (index: number) => (index * (bodyBytes + 40)) % (8 * 1024 * KiB);
  const forAll = (action: (index: number) => void) => () => {
    for (let index = 0; index < count; index += 1) action(index);
  };
  const publishAll = forAll((index) => producer.publish(0, 1n, [body(index)], bodyBytes));
  const setAll = forAll((index) => ring.set(body(index), target(index)));
  const checkAll = forAll((index) => {
    crc32(ring.subarray(target(index), target(index) + bodyBytes));
  });
  const drain = () => {
    for (let taken = consumer.take(0, limits, () => {}); taken > 0; taken -= 1) {
      consumer.pushResult(0, 0);
    }
    consumer.release(0);
    consumer.flushResults();
    producer.takeResults(() => {});
  };
  const times = race({
    publish: () => {
      const ns = timeNs(count, publishAll);
      drain();
      return ns;
    },
    set: () => timeNs(count, setAll),
    crc: () => timeNs(count, checkAll),
  });
  const { publish = 0, set = 0, crc = 0 } = times;
  const us = (ns: number) => `${(ns / 1000).toFixed(2)} µs`;
  console.log(`One frame of ${bodyBytes / KiB} KiB, source ${offset} bytes off alignment`);
  print('publish, whole', us(publish));
  print('TypedArray.set of the same bytes', us(set));
  print('crc32 of the same bytes', us(crc));
  print('publish / (set + crc32)', (publish / (set + crc)).toFixed(2));
}

type Way = 'ring' | 'port';

interface ThreadOptions extends Lane {
  readonly way: Way;
}

/** The lane in the bench between threads: it takes a frame, reads one byte, and answers. */
function runThread({ way, buffer, layout }: ThreadOptions): void {
  const port = parentPort as MessagePort;
  if (way === 'port') {
    port.on('message', (body: Uint8Array) => port.postMessage(body[0]));
    return;
  }
  port.on('message', () => {
    const consumer = new Consumer(buffer, layout);
    const bytes = new Uint8Array(buffer);
    while (consumer.doorbell.takeRaised() === 0) {
      const taken = consumer.take(0, { bytesMax: 1024 * KiB, framesMax: 64 }, (frame) => {
        consumer.pushResult(0, bytes[frame.bodyAddress]!);
      });
      consumer.release(0);
      consumer.flushResults();
      if (taken === 0) consumer.waitForWork(1000);
    }
  });
  port.postMessage('ready');
}

/** Number of frames in flight; as many connections wait for their answers. */
const framesInFlight = 64;

async function sendByRing(producer: Producer, body: Uint8Array, count: number) {
  let sent = 0;
  let answered = 0;
  while (answered < count) {
    while (sent < count && producer.framesInFlight < framesInFlight) {
      if (producer.publish(0, 1n, [body], body.length) < 0) break;
      sent += 1;
    }
    await producer.resultsReady(100);
    answered += producer.takeResults(() => {});
  }
}

function sendByPort(
  port: Worker,
  body: Uint8Array,
  count: number,
  checked: boolean,
): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0;
    let answered = 0;
    const send = () => {
      const copy = body.slice();
      if (checked) crc32(copy);
      port.postMessage(copy, [copy.buffer as Transferable]);
      sent += 1;
    };
    const onAnswer = () => {
      answered += 1;
      if (sent < count) send();
      if (answered < count) return;
      port.off('message', onAnswer);
      resolve();
    };
    port.on('message', onAnswer);
    while (sent < Math.min(count, framesInFlight)) send();
  });
}

function startThread(way: Way, lane: Lane): Worker {
  return new Worker(new URL(import.meta.url), { workerData: { way, ...lane } });
}

async function timeSecondsOf(action: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await action();
  return (performance.now() - startMs) / 1000;
}

/** Measures frames from this thread to another and an answer to each: the ring and its rival. */
async function measureThreads(): Promise<void> {
  const lane = openLane();
  const producer = new Producer(lane.buffer, lane.layout, 0);
  const byRing = startThread('ring', lane);
  const byPort = startThread('port', lane);
  await new Promise((resolve) => byRing.once('message', resolve));
  byRing.postMessage('begin');
  for (const bodyBytes of bodySizes) {
    const body = new Uint8Array(bodyBytes + unalignedBy).fill(3).subarray(unalignedBy);
    const count = Math.max(400, Math.round((32 * 1024 * KiB) / bodyBytes));
    const rates = { ring: [] as number[], port: [] as number[], bare: [] as number[] };
    const rateOf = async (send: () => Promise<void>) => count / (await timeSecondsOf(send));
    for (let round = 0; round < Math.ceil(roundCount / 2); round += 1) {
      rates.ring.push(await rateOf(() => sendByRing(producer, body, count)));
      rates.port.push(await rateOf(() => sendByPort(byPort, body, count, true)));
      rates.bare.push(await rateOf(() => sendByPort(byPort, body, count, false)));
    }
    const [ring, port, bare] = [median(rates.ring), median(rates.port), median(rates.bare)];
    console.log(`Between threads, ${bodyBytes / KiB} KiB, ${framesInFlight} in flight, answered`);
    print('ring, copy and checksum', `${Math.round(ring)}/s`);
    print('MessagePort, transferred copy and checksum', `${Math.round(port)}/s`);
    print('MessagePort, transferred copy without checksum', `${Math.round(bare)}/s`);
    print('ring / MessagePort with the same work', (ring / port).toFixed(2));
  }
  await Promise.all([byRing.terminate(), byPort.terminate()]);
}

if (isMainThread) {
  measureFrame();
  for (const bodyBytes of bodySizes) {
    for (const offset of [0, unalignedBy]) measurePublish(bodyBytes, offset);
  }
  await measureThreads();
} else {
  runThread(workerData as ThreadOptions);
}
