import { readFileSync } from 'node:fs';
import { API_PREFIX } from '@quartet/common/http/app.ts';
import { createRouteTable, pathnameOf } from '@quartet/common/http/routes/route-table.ts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import * as z from 'zod';
import { closed } from './closed-schemas.ts';

export type Answered = { status: number; headers: Headers; text: string };

const FILE = new URL('../../docs/openapi.json', import.meta.url);
const HINT = 'docs/openapi.json says otherwise; after a change of a route or a field run `npm run generate`';

const mediaType = z.object({
  schema: z.unknown(),
  examples: z.record(z.string(), z.object({ value: z.object({ detail: z.unknown() }) })).optional(),
});
const response = z.object({
  headers: z.record(z.string(), z.unknown()).default({}),
  content: z.record(z.string(), mediaType).default({}),
});
const operation = z.object({ operationId: z.string(), responses: z.record(z.string(), response) });
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

const api = document.parse(closed(JSON.parse(readFileSync(FILE, 'utf8'))));

const operations = createRouteTable(
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, responses }]) => ({
      method: method.toUpperCase(),
      path,
      operationId,
      responses,
    })),
  ),
);

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv, ['date-time']);
// ajv's own format knows no international addresses, and earlier releases accepted any domain.
ajv.addFormat('email', /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/u);
ajv.addFormat('password', true);
ajv.addSchema({ $id: 'api', components: api.components });

const validators = new Map<unknown, ValidateFunction>();

function validatorOf(schema: unknown): ValidateFunction {
  const known = validators.get(schema);
  if (known) return known;
  const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components');
  const made = ajv.compile(JSON.parse(text));
  validators.set(schema, made);
  return made;
}

/** Every answer has these headers, errors included. */
const HEADERS: Record<string, RegExp> = {
  'content-security-policy': /^default-src 'none';/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
  'origin-agent-cluster': /^\?1$/,
  'referrer-policy': /^no-referrer$/,
  'strict-transport-security': /^max-age=31536000/,
  'x-content-type-options': /^nosniff$/,
  'x-dns-prefetch-control': /^off$/,
  'x-download-options': /^noopen$/,
  'x-frame-options': /^DENY$/,
  'x-permitted-cross-domain-policies': /^none$/,
  'x-xss-protection': /^0$/,
};

/** These documents hold no user's data. */
const PUBLIC_DOCUMENT = /^(GET|HEAD) \/api\/v1\/(openapi|asyncapi)\.json/;

function checkHeaders(call: string, headers: Headers): void {
  for (const [name, wanted] of Object.entries(HEADERS)) {
    const value = headers.get(name) ?? '';
    if (!wanted.test(value)) throw new Error(`${call}: the header ${name} is "${value}"`);
  }
  if (headers.has('x-powered-by')) throw new Error(`${call} says what it is powered by`);
  if (!PUBLIC_DOCUMENT.test(call) && headers.get('cache-control') !== 'no-store') {
    throw new Error(`${call} may be kept by a cache`);
  }
}

/** Checks status, headers and body, except for undeclared paths. @throws {Error} when they do not fit */
export function checkAnswer(method: string, url: string, { status, headers, text }: Answered): void {
  if (!url.startsWith(`${API_PREFIX}/`)) return;
  checkHeaders(`${method} ${url}`, headers);
  const match = operations.match(method, pathnameOf(url));
  if (match.kind === 'unknown' || method === 'OPTIONS') return;
  const fail = (why: string): never => {
    throw new Error(`${method} ${url} answered ${status} ${text.slice(0, 300)}: ${why}. ${HINT}`);
  };
  if (match.kind === 'wrong-method') {
    if (status !== 405 || headers.get('allow') !== match.allowed.join(', '))
      fail('the path has no such method');
    return;
  }
  const { operationId, responses } = match.route;
  const declared = responses[status] ?? fail(`${operationId} declares no such status`);
  for (const name of Object.keys(declared.headers)) {
    if (!headers.has(name)) fail(`${operationId} declares the header ${name}`);
  }
  if (headers.has('etag') && !('ETag' in declared.headers)) fail(`${operationId} declares no ETag`);
  const [type, content] = Object.entries(declared.content)[0] ?? [];
  if (type === undefined) {
    if (text !== '' || headers.has('content-type')) fail(`${operationId} declares no content`);
    return;
  }
  if (!headers.get('content-type')?.startsWith(type)) fail(`${operationId} declares ${type}`);
  if (method === 'HEAD' || content === undefined) return;
  const body: unknown = type === 'application/json' ? JSON.parse(text) : text;
  const valid = validatorOf(content.schema);
  if (!valid(body)) fail(`${operationId} declares another body: ${ajv.errorsText(valid.errors)}`);
  const details = Object.values(content.examples ?? {}).map(({ value }) => value.detail);
  const { detail } = z.object({ detail: z.string().optional() }).catch({}).parse(body);
  // The text of an SMTP server is not known beforehand.
  const isForeign = operationId === 'utils-test_email' && status === 503;
  if (details.length > 0 && !isForeign && !details.includes(detail)) {
    fail(`${operationId} declares no such refusal`);
  }
}
