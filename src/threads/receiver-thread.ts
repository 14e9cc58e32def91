/** What runs in the thread of a receiver: both listeners, one intake and one ring. */
import { openAuthorisation } from '../accept/credentials.ts';
import { openGrpcReceiver } from '../accept/grpc/grpc-receiver.ts';
import { openHttpReceiver } from '../accept/http/http-receiver.ts';
import type { OpenReceiver, ReceiverOptions } from '../accept/receiver.ts';
import { RefusalLog } from '../accept/refusal-log.ts';
import { Heartbeat } from '../ring/heartbeat.ts';
import { RequestCounter } from '../ring/request-counts.ts';
import { systemClock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';
import { listenProblem } from '../shared/listen-problem.ts';
import type { ReceiverCommand, ReceiverReply, ReceiverStart } from './receiver-messages.ts';
import { ReceiverRing } from './receiver-ring.ts';

const openers = { grpc: openGrpcReceiver, http: openHttpReceiver } as const;

type ListenerName = keyof typeof openers;

export interface ReceiverThreadEvents {
  /** Sends a message to the main thread. */
  readonly reply: (message: ReceiverReply) => void;
  /** Called once everything has ended; then no more replies follow. */
  readonly onClosed: () => void;
}

/** The main thread takes a receiver without a beat for 2 s for one that hangs. */
const beatMs = 500;

export class ReceiverThread {
  readonly #start: ReceiverStart;
  readonly #events: ReceiverThreadEvents;
  readonly #ring: ReceiverRing;
  readonly #journal: Journal;
  readonly #refusals: RefusalLog;
  readonly #listeners: OpenReceiver[] = [];

  constructor(start: ReceiverStart, events: ReceiverThreadEvents) {
    const { config, ringIndex } = start;
    const inflightBytesMax = config.max_inflight_bytes;
    const heartbeat = new Heartbeat(start.heartbeats, start.threadIndex);
    setInterval(() => heartbeat.beat(), beatMs).unref();
    this.#start = start;
    this.#events = events;
    this.#journal = {
      write: (level, message, fields = {}) => {
        events.reply({ kind: 'journal', level, message, fields });
      },
    };
    this.#refusals = new RefusalLog(this.#journal);
    this.#ring = new ReceiverRing({ clock: systemClock, inflightBytesMax, ringIndex });
  }

  /** Replies `listening` once all listeners are open, or `refused` if one cannot be opened. */
  async open(): Promise<void> {
    const ports: Record<ListenerName, number | null> = { grpc: null, http: null };
    for (const name of ['grpc', 'http'] as const) {
      if (!this.#start.config[`${name}.enabled`]) continue;
      const options = this.#optionsOf(name);
      try {
        const listener = await openers[name](options);
        this.#listeners.push(listener);
        ports[name] = listener.port;
      } catch (error) {
        const problem = listenProblem(name, options.host, options.port, error);
        this.#events.reply({ kind: 'refused', problem });
        await this.#close(0);
        return;
      }
    }
    this.#events.reply({ kind: 'listening', ...ports });
  }

  onCommand(command: ReceiverCommand): void {
    switch (command.kind) {
      case 'lane':
        this.#ring.connect(command.memory.buffer, command.layout);
        break;
      case 'lost':
        this.#ring.disconnect();
        break;
      case 'tls':
        for (const listener of this.#listeners) listener.setTls(command.material);
        break;
      case 'stop':
        void this.#close(command.graceMs);
        break;
    }
  }

  #optionsOf(name: ListenerName): ReceiverOptions {
    const { config, signals, requestCounts, tls } = this.#start;
    const counter = new RequestCounter(requestCounts);
    return {
      host: config[`${name}.host`],
      port: config[`${name}.port`],
      signals,
      requestBytesMax: config.max_request_bytes,
      intake: this.#ring.intake,
      countRequest: (signal, transport, code) => counter.add(signal ?? 'unknown', transport, code),
      logRefusal: this.#refusals.add,
      authorise: openAuthorisation({
        bearerTokens: config['auth.bearer_tokens'],
        basic: config['auth.basic'],
      }),
      tls,
      corsOrigins: config['http.cors_origins'],
      journal: this.#journal,
    };
  }

  /** The listeners take nothing new; all requests that were accepted get their answer first. */
  async #close(graceMs: number): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close(graceMs)));
    const { intake } = this.#ring;
    intake.close();
    await intake.drain();
    this.#refusals.close();
    this.#events.onClosed();
  }
}
