import type { JsonSchema } from './json-schema.ts';

/** A pointer to another part of the document, as in `#/channels/user.created`. */
export type Reference = { $ref: string };

/** Where messages of one event type go; one for each event type. `x-` fields name services. */
export type Channel = {
  /** The subject at the broker. */
  address: string;
  summary: string;
  messages: Record<string, Reference>;
  tags: { name: string }[];
  'x-producer': string;
  'x-consumers': string[];
};

/** That one service, named by the tag, sends or receives a channel's messages. */
export type Operation = {
  action: 'send' | 'receive';
  channel: Reference;
  summary: string;
  messages: Reference[];
  tags: { name: string }[];
};

/** One message as an example, its headers by name. */
export type MessageExample = {
  name: string;
  headers: Record<string, string>;
  payload: Record<string, unknown>;
};

/** What a message of one event type looks like. */
export type Message = {
  name: string;
  summary: string;
  contentType: string;
  headers: Reference;
  payload: JsonSchema;
  examples: MessageExample[];
  /** Version of the event's contract. */
  'x-version': number;
};

/**
 * The parts of an AsyncAPI 3.0 document that are used here. Channels and messages are named by event type; a schema of
 * that name says what the event's `data` holds.
 */
export type AsyncApiDocument = {
  asyncapi: '3.0.0';
  info: { title: string; version: string; description: string };
  defaultContentType: string;
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: {
    messages: Record<string, Message>;
    schemas: Record<string, JsonSchema> & { Headers: JsonSchema; Envelope: JsonSchema };
  };
};
