import type { Broker } from '../broker/broker.ts';
import type { StoredEvent } from './stored-event.ts';

const AT_ONCE = 32;

/**
 * Reads the messages with sequences from `first` to `last`; those that the stream no longer has are left out.
 * A request for each needs no permission to pull, which reaches further (docs/broker-users.md).
 * @throws when the broker is away
 */
export async function readEvents(broker: Broker, first: number, last: number): Promise<StoredEvent[]> {
  const { jsm, names } = broker;
  const read: StoredEvent[] = [];
  for (let from = first; from <= last; from += AT_ONCE) {
    const sequences = Array.from({ length: Math.min(AT_ONCE, last - from + 1) }, (_, at) => from + at);
    const messages = await Promise.all(
      sequences.map((seq) => jsm.streams.getMessage(names.eventStream, { seq })),
    );
    for (const message of messages) {
      if (!message) continue;
      read.push({ sequence: message.seq, type: names.typeOf(message.subject), text: message.string() });
    }
  }
  return read;
}
