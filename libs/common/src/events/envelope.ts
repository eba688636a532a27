import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { contracts, type EventData, type EventType, isEventType } from './contracts.ts';

const text = z.string().min(1);

/** CloudEvents 1.0 (structured JSON); the message's headers carry `traceparent`. */
export const envelope = z.object({
  specversion: z.literal('1.0').meta({ description: 'Version of CloudEvents.' }),
  id: text.meta({
    description: 'Id of the event: the same in every copy of it, and in the header Nats-Msg-Id.',
    examples: ['5f0b8a4e-6c1d-4b6f-9a53-0e7d2c9b1f48'],
  }),
  source: text.meta({ description: 'The service that made the event.' }),
  type: text.meta({ description: 'Name of the event, and the last part of its subject at the broker.' }),
  subject: text.meta({ description: 'Id of the user or item that the event is about.' }),
  time: z.iso.datetime().meta({
    description: 'When it happened, in UTC.',
    examples: ['2026-11-23T09:30:00.000Z'],
  }),
  datacontenttype: z.literal('application/json').meta({ description: 'Media type of the data.' }),
  dataschema: text.meta({ description: 'Name of the data’s contract; it ends in the version.' }),
  data: z.unknown().meta({ description: 'What the event says.' }),
});

/** An event whose data is not parsed by type yet. */
export type Envelope = z.output<typeof envelope>;

export type DomainEvent<T extends EventType = EventType> = {
  [K in T]: Omit<Envelope, 'type' | 'data'> & { type: K; data: EventData<K> };
}[T];

export class UnreadableEvent extends Error {
  override name = 'UnreadableEvent';
}

/** This process cannot handle the event, but another release of the service may. */
export class UnknownEvent extends Error {
  override name = 'UnknownEvent';
}

export type EventContext = { now: Date; traceparent?: string | undefined };

/** Makes an event about `subject`. @throws {z.ZodError} when the data does not fit its contract */
export function createEvent<T extends EventType>(
  type: T,
  subject: string,
  data: EventData<T>,
  now: Date,
): Envelope {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: sourceOf(type),
    type,
    subject,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    dataschema: schemaOf(type),
    data: contracts[type].data.parse(data),
  };
}

/** Reads an event. @throws {UnreadableEvent} against its contract, {UnknownEvent} without a contract */
export function readEvent(text: string): DomainEvent {
  const parsed = envelope.safeParse(parseJson(text));
  if (!parsed.success) throw new UnreadableEvent(`no CloudEvents envelope: ${z.prettifyError(parsed.error)}`);
  const { type, dataschema } = parsed.data;
  if (!isEventType(type)) throw new UnknownEvent(`unknown event type ${type}`);
  if (dataschema !== schemaOf(type)) throw new UnknownEvent(`unknown version ${dataschema}`);
  const data = contracts[type].data.safeParse(parsed.data.data);
  if (!data.success) throw new UnreadableEvent(`against its contract: ${z.prettifyError(data.error)}`);
  // One contract checked type and data; TypeScript cannot follow a union through a look-up.
  return { ...parsed.data, data: data.data } as DomainEvent;
}

/** Names the service that makes events of this type, as `source` does. */
export const sourceOf = (type: EventType): string => `/quartet/${contracts[type].producer}`;

/** Names the contract and its version, as `dataschema` does. */
export const schemaOf = (type: EventType): string => `urn:quartet:event:${type}:${contracts[type].version}`;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableEvent('not JSON');
  }
}
