import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { contracts, type EventData, type EventType, isEventType } from './contracts.ts';

/** CloudEvents 1.0 (structured JSON); `traceparent` travels in the message's headers. */
const envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.string().min(1),
  data: z.unknown(),
});

/** An event as it is stored and published; its data not yet told apart by type. */
export type Envelope = z.output<typeof envelope>;

/** An event whose data fits its contract. */
export type DomainEvent<T extends EventType = EventType> = {
  [K in T]: Omit<Envelope, 'type' | 'data'> & { type: K; data: EventData<K> };
}[T];

/** A message that no repetition will make readable. */
export class UnreadableEvent extends Error {
  override name = 'UnreadableEvent';
}

/** What the maker of an event says of the circumstances. */
export type EventContext = { now: Date; traceparent?: string | undefined };

/**
 * A new event, checked against its contract.
 * @param source the service, as in `/quartet/auth`
 * @param subject id of what it is about
 * @throws {z.ZodError} when the data does not fit
 */
export function createEvent<T extends EventType>(
  source: string,
  type: T,
  subject: string,
  data: EventData<T>,
  now: Date,
): Envelope {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source,
    type,
    subject,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    dataschema: schemaOf(type),
    data: contracts[type].data.parse(data),
  };
}

/**
 * Reads an event from a message's text.
 * @throws {UnreadableEvent} when it is no envelope, of an unknown type or version, or against its contract
 */
export function readEvent(text: string): DomainEvent {
  const parsed = envelope.safeParse(parseJson(text));
  if (!parsed.success) throw new UnreadableEvent(`no CloudEvents envelope: ${z.prettifyError(parsed.error)}`);
  const { type, dataschema } = parsed.data;
  if (!isEventType(type)) throw new UnreadableEvent(`unknown event type ${type}`);
  if (dataschema !== schemaOf(type)) throw new UnreadableEvent(`unknown version ${dataschema}`);
  const data = contracts[type].data.safeParse(parsed.data.data);
  if (!data.success) throw new UnreadableEvent(`against its contract: ${z.prettifyError(data.error)}`);
  // Type and data were checked against the same contract; TypeScript cannot follow a union through a look-up.
  return { ...parsed.data, data: data.data } as DomainEvent;
}

const schemaOf = (type: EventType): string => `urn:quartet:event:${type}:${contracts[type].version}`;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableEvent('not JSON');
  }
}
