import type { JsMsg } from '@nats-io/jetstream';
import type { Broker } from './broker.ts';

/**
 * Puts a message that will not succeed among the dead letters, then ends its delivery. In this order: a crash in
 * between makes a second copy under the same id, which the broker drops, never a lost one.
 */
export async function deadLetter(
  broker: Broker,
  consumer: string,
  message: JsMsg,
  reason: string,
): Promise<void> {
  const { names, js } = broker;
  const letter = {
    consumer,
    subject: names.typeOf(message.subject),
    reason,
    attempts: message.info.deliveryCount,
    event: parsedOrRaw(message.string()),
    first_seen_at: message.time.toISOString(),
    dead_at: new Date().toISOString(),
  };
  await js.publish(names.deadLetter(consumer), JSON.stringify(letter), {
    msgID: `${consumer}-${message.seq}`,
  });
  message.term(reason);
}

function parsedOrRaw(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
