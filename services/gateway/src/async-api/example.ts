import { contracts, type EventType } from '@quartet/common/events/contracts.ts';
import { envelope, schemaOf, sourceOf } from '@quartet/common/events/envelope.ts';
import type { MessageExample } from './document.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** @throws {z.ZodError} when a required field has no example, or one that does not fit */
export function exampleMessage(type: EventType): MessageExample {
  const contract = contracts[type].data;
  const data: Record<string, unknown> = contract.parse(exampleOf(jsonSchemaOf(contract)));
  // The first field of a contract is the id of the event's subject.
  const [subject] = Object.values(data);
  const own = { source: sourceOf(type), type, subject, dataschema: schemaOf(type), data };
  const payload = envelope.parse({ ...exampleOf(jsonSchemaOf(envelope)), ...own });
  return { name: type, headers: { 'Nats-Msg-Id': payload.id, traceparent: TRACEPARENT }, payload };
}

/** Uses each field's only possible value or first example; fields without either are left out. */
function exampleOf({ properties = {} }: JsonSchema): Record<string, unknown> {
  const entries = Object.entries(properties).flatMap(([field, schema]) => {
    if (typeof schema === 'boolean') return [];
    const value = schema.const ?? schema.examples?.[0] ?? (schema.properties && exampleOf(schema));
    return value === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(entries);
}
