import { createClient } from '@hey-api/openapi-ts';
import config from './openapi-ts.config.ts';

type Schema = Record<string, unknown>;
/** What is read of an AsyncAPI document. */
export type EventsDocument = {
  components: { schemas: Record<string, Schema>; messages: Record<string, { payload: Schema }> };
};

/**
 * Writes the types of the events that a document describes: `LiveEvent` is any of them, told apart by `type`.
 *
 * @param document AsyncAPI 3
 * @param folder absolute path; emptied first
 * @throws Error when the generator cannot make types of it; the cause says why
 */
export async function generateEvents(document: EventsDocument, folder: string): Promise<void> {
  const { output } = await config;
  if (typeof output !== 'object' || !('path' in output)) throw new Error('the configuration has one output');
  await createClient({
    input: { openapi: '3.1.0', info: { title: 'Events', version: '1' }, paths: {}, ...schemasOf(document) },
    output: { ...output, path: folder },
    logs: { file: false, level: 'silent' },
    plugins: [{ name: '@hey-api/typescript', definitions: { case: 'preserve' } }],
  }).catch((err: unknown) => {
    throw new Error('no types can be generated from the events', { cause: err });
  });
}

function schemasOf({ components: { schemas, messages } }: EventsDocument): Schema {
  const types = Object.keys(messages);
  const nameOf = (schema: string): string => (types.includes(schema) ? `${pascal(schema)}Data` : schema);
  const { Headers: _, ...bodies } = schemas;
  const named = [
    ...Object.entries(bodies).map(([name, schema]) => [nameOf(name), schema]),
    ...types.map((type) => [`${pascal(type)}Event`, messages[type]?.payload]),
    ['LiveEvent', { oneOf: types.map((type) => ({ $ref: refTo(`${pascal(type)}Event`) })) }],
  ];
  const text = JSON.stringify({ components: { schemas: Object.fromEntries(named) } });
  return JSON.parse(text.replaceAll(REF, (_ref, name: string) => JSON.stringify(refTo(nameOf(name)))));
}

const REF = /"#\/components\/schemas\/([^"]+)"/g;
const refTo = (name: string): string => `#/components/schemas/${name}`;

/** `user.logged-out` becomes `UserLoggedOut`. */
const pascal = (type: string): string =>
  type.replace(/(?:^|[.-])(\w)/g, (_match, letter: string) => letter.toUpperCase());
