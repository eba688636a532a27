import { readFileSync } from 'node:fs';
import { API_PREFIX } from '@quartet/common/http/app.ts';
import { BODY_LIMIT } from '@quartet/common/http/input/body.ts';
import * as z from 'zod';
import type { Arms } from '../attacks/attack.ts';

export type Field = {
  method: string;
  path: string;
  in: 'path' | 'query' | 'json' | 'form';
  field: string;
};

const schema = z.looseObject({ $ref: z.string().optional() });
const operation = z.object({
  parameters: z.array(z.object({ in: z.enum(['path', 'query', 'header']), name: z.string() })).default([]),
  responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()).default({}) })),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema })) }).optional(),
});
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({
    schemas: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()).default({}) })),
  }),
});

const FILE = new URL('../../../docs/openapi.json', import.meta.url);

/** Returns every parameter and body field of the API's document. */
export function fieldsOf(): Field[] {
  const { paths, components } = document.parse(JSON.parse(readFileSync(FILE, 'utf8')));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters, requestBody, responses }]) => {
      // A stream of events never ends.
      if ('text/event-stream' in (responses['200']?.content ?? {})) return [];
      const own = { method: method.toUpperCase(), path: path.slice(API_PREFIX.length) };
      const inBodies = Object.entries(requestBody?.content ?? {}).flatMap(([type, content]) => {
        const { properties = {} } = components.schemas[content.schema.$ref?.split('/').at(-1) ?? ''] ?? {};
        const place = type === 'application/json' ? ('json' as const) : ('form' as const);
        return Object.keys(properties).map((field): Field => ({ ...own, in: place, field }));
      });
      return [
        ...parameters.flatMap(({ in: place, name }): Field[] =>
          place === 'header' ? [] : [{ ...own, in: place, field: name }],
        ),
        ...inBodies,
      ];
    }),
  );
}

/** Node limits the request line and headers; percent-encoding takes three bytes for one. */
const LINE_ROOM = 15_000 / 3;
const BODY_ROOM = BODY_LIMIT - 500;

type Sent = [method: string, path: string, content?: string, type?: 'json' | 'form'];

export function requestWith(
  { method, path, in: place, field }: Field,
  text: (bytes: number) => string,
  { itemId, email, password }: Pick<Arms, 'itemId' | 'email' | 'password'>,
): Sent {
  const isInPath = place === 'path' || place === 'query';
  const value = text(isInPath ? LINE_ROOM : BODY_ROOM);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(place === 'path' && name === field ? value : itemId),
  );
  if (place === 'query') return [method, `${filled}?${field}=${encodeURIComponent(value)}`];
  if (place === 'path') return [method, filled];
  if (place === 'json') {
    const others = { email, password, new_password: password, current_password: password, title: 'title' };
    const known = Object.entries(others).filter(([name]) => name !== field);
    return [method, filled, JSON.stringify({ ...Object.fromEntries(known), [field]: value })];
  }
  // Percent-encoding would leave room for a third of the bytes.
  const rest = new URLSearchParams({ username: email, password });
  rest.delete(field);
  return [method, filled, `${rest}&${field}=${value.replaceAll(' ', '+')}`, 'form'];
}
