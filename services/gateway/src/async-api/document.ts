import type { JsonSchema } from './json-schema.ts';

export type Reference = { $ref: string };

/** Each event type has one channel; `x-` fields name services. */
export type Channel = {
  address: string;
  summary: string;
  messages: Record<string, Reference>;
  tags: { name: string }[];
  'x-producer': string;
  'x-consumers': string[];
};

export type Operation = {
  action: 'send' | 'receive';
  channel: Reference;
  summary: string;
  messages: Reference[];
  tags: { name: string }[];
};

export type MessageExample = {
  name: string;
  headers: Record<string, string>;
  payload: Record<string, unknown>;
};

export type Message = {
  name: string;
  summary: string;
  contentType: string;
  headers: Reference;
  payload: JsonSchema;
  examples: MessageExample[];
  'x-version': number;
};

/** Channels, messages and schemas have the names of event types. */
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
