import { contracts, type EventType, eventTypes } from '@quartet/common/events/contracts.ts';
import { envelope, schemaOf, sourceOf } from '@quartet/common/events/envelope.ts';
import { deliveryNotes } from './delivery.ts';
import type { AsyncApiDocument, Channel, Message, Operation } from './document.ts';
import { exampleMessage } from './example.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

/** In structured mode the whole event is the message's body (CloudEvents 1.0, NATS binding). */
const CONTENT_TYPE = 'application/cloudevents+json';

const headers: JsonSchema = {
  type: 'object',
  properties: {
    'Nats-Msg-Id': { type: 'string', description: 'Id of the event.' },
    traceparent: {
      type: 'string',
      pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
      description: 'Trace of the request that caused the event (W3C Trace Context), if it had one.',
    },
  },
  required: ['Nats-Msg-Id'],
};

export type Consumers = Partial<Record<EventType, readonly string[]>>;

/** The document is of the whole system: an operation names its service by a tag. */
export function asyncApiDocument(about: {
  title: string;
  version: string;
  consumers: Consumers;
}): AsyncApiDocument {
  const { title, version, consumers } = about;
  const services = (type: EventType) => [...new Set(consumers[type])].toSorted();
  return {
    asyncapi: '3.0.0',
    info: { title, version, description: deliveryNotes },
    defaultContentType: CONTENT_TYPE,
    channels: byType((type) => channelOf(type, services(type))),
    operations: Object.fromEntries(eventTypes.flatMap((type) => operationsOf(type, services(type)))),
    components: {
      messages: byType(messageOf),
      schemas: {
        Headers: headers,
        Envelope: jsonSchemaOf(envelope),
        ...byType((type) => jsonSchemaOf(contracts[type].data)),
      },
    },
  };
}

const byType = <V>(make: (type: EventType) => V): Record<string, V> =>
  Object.fromEntries(eventTypes.map((type) => [type, make(type)]));

function channelOf(type: EventType, consumers: string[]): Channel {
  const { producer, summary } = contracts[type];
  return {
    address: type,
    summary,
    messages: { [type]: { $ref: `#/components/messages/${type}` } },
    tags: [{ name: producer }],
    'x-producer': producer,
    'x-consumers': consumers,
  };
}

function operationsOf(type: EventType, consumers: string[]): [string, Operation][] {
  const { producer } = contracts[type];
  const operation = (action: Operation['action'], service: string): [string, Operation] => [
    // AsyncAPI 3.0 allows a component's name letters, digits, dots, dashes and underscores.
    `${service}-${action}s-${type}`,
    {
      action,
      channel: { $ref: `#/channels/${type}` },
      summary: `${service} ${action}s ${type}`,
      messages: [{ $ref: `#/channels/${type}/messages/${type}` }],
      tags: [{ name: service }],
    },
  ];
  return [operation('send', producer), ...consumers.map((consumer) => operation('receive', consumer))];
}

function messageOf(type: EventType): Message {
  const { version, summary } = contracts[type];
  return {
    name: type,
    summary,
    contentType: CONTENT_TYPE,
    headers: { $ref: '#/components/schemas/Headers' },
    payload: {
      allOf: [
        { $ref: '#/components/schemas/Envelope' },
        {
          type: 'object',
          properties: {
            source: { const: sourceOf(type) },
            type: { const: type },
            dataschema: { const: schemaOf(type) },
            data: { $ref: `#/components/schemas/${type}` },
          },
          required: ['source', 'type', 'dataschema', 'data'],
        },
      ],
    },
    examples: [exampleMessage(type)],
    'x-version': version,
  };
}
