/** Messages through Kafka, recorded as instrumentation libraries record them. */
import { Fault } from './fault.ts';
import type { Instance } from './fleet.ts';
import type { OpenSpan } from './visit.ts';

export interface Message {
  readonly topic: string;
  readonly key: string;
  readonly bodyBytes: number;
  readonly partition: number;
  readonly offset: number;
}

export interface Consumer {
  readonly instance: Instance;
  readonly group: string;
  /** Whether its spans continue the producer's trace or begin one of their own; linked they are. */
  readonly continuesTrace: boolean;
  /** How long a message usually lies in the topic. */
  readonly delayMs: number;
}

const broker = { 'server.address': 'kafka.shop.internal', 'server.port': 9092 };

/** Sends the message; gives the producer's span, which consumers link to. */
export function publish(caller: OpenSpan, message: Message): OpenSpan {
  const attributes = {
    ...describe(message),
    ...broker,
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.client.id': `${caller.instance.service}-producer-1`,
  };
  const name = `send ${message.topic}`;
  return caller.run({ role: 'messaging', kind: 'producer', name, attributes }, (producer) => {
    caller.visit.spend(1.5);
    return producer;
  });
}

/** Processes the message some time later; a fault of the handler stays with the consumer. */
export function consume(
  producer: OpenSpan,
  message: Message,
  consumer: Consumer,
  handle: (span: OpenSpan) => void,
): void {
  const { instance, group } = consumer;
  const attributes = {
    ...describe(message),
    ...broker,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.client.id': `${instance.host}-consumer-1`,
    'messaging.consumer.group.name': group,
  };
  const name = `process ${message.topic}`;
  const start = {
    role: 'messaging',
    kind: 'consumer',
    name,
    attributes,
    link: { to: producer, attributes: { 'messaging.kafka.offset': message.offset } },
  } as const;
  const { visit } = producer;
  visit.later(consumer.delayMs, () => {
    try {
      if (consumer.continuesTrace) producer.run(start, handle, instance);
      else visit.runRoot(instance, start, handle);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
    }
  });
}

function describe(message: Message) {
  return {
    'messaging.system': 'kafka',
    'messaging.destination.name': message.topic,
    'messaging.destination.partition.id': String(message.partition),
    'messaging.kafka.message.key': message.key,
    'messaging.kafka.offset': message.offset,
    'messaging.message.body.size': message.bodyBytes,
  };
}
