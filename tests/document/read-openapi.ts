import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { descriptions, type ServiceName, upstreamNames } from '../../services/services.ts';

/** A system test proves that the gateway serves this file. */
export const text = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');

const record = <T extends z.ZodType>(value: T) => z.record(z.string(), value);
const anyRecord = record(z.unknown());
const content = record(
  z.object({
    schema: anyRecord,
    example: z.unknown().optional(),
    examples: record(z.object({ value: z.unknown() })).optional(),
  }),
);
const operation = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string().min(5),
  description: z.string().min(5),
  security: z.array(anyRecord).optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(['path', 'query', 'header']),
        required: z.boolean(),
        description: z.string(),
        example: z.unknown().optional(),
        schema: anyRecord,
      }),
    )
    .default([]),
  requestBody: z.object({ required: z.literal(true), content }).optional(),
  responses: record(
    z.object({ description: z.string(), content: content.default({}), headers: anyRecord.default({}) }),
  ),
});
export const api = z
  .object({
    openapi: z.literal('3.1.0'),
    tags: z.array(z.object({ name: z.string(), description: z.string() })),
    paths: record(record(operation)),
    components: z.object({ schemas: record(anyRecord), securitySchemes: anyRecord }),
  })
  .parse(JSON.parse(text));

export const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, it]) => ({ ...it, method, path, id: it.operationId })),
);

/** Returns the service below whose paths this is: the gateway when it is nobody else's. */
export const ownerOf = (path: string): ServiceName =>
  upstreamNames.find((name) => descriptions[name].paths.some((own) => `${path}/`.startsWith(`${own}/`))) ??
  'gateway';

/** @throws {Error} when the document has no such operation */
export const byId = (id: string) => {
  const found = operations.find(({ operationId }) => operationId === id);
  if (!found) throw new Error(`no operation ${id}`);
  return found;
};

export const schema = (name: string) =>
  z
    .object({ properties: record(anyRecord), required: z.array(z.string()).default([]) })
    .parse(api.components.schemas[name]);

/** Services that `npm run new:service` makes have routes and schemas of their own. */
const FIRST: readonly string[] = ['gateway', 'auth', 'items', 'notifier'];
export const isFirst = ({ path }: { path: string }) => FIRST.includes(ownerOf(path.slice('/api/v1'.length)));
export const firstOperations = operations.filter(isFirst);
