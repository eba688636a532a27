import * as z from 'zod';
import { type AppError, badRequest, preconditionFailed, unavailable } from '../errors.ts';
import { statusOf } from '../http/app.ts';
import { tooLarge } from '../http/input/body.ts';
import { validate } from '../http/input/validation.ts';
import { httpError, httpValidationError, internalServerError } from '../http/routes/answers.ts';
import type { AnswerRule, Route } from '../http/routes/route.ts';
import { ACCESS_REFUSALS } from '../tokens/access.ts';
import { exampleOf, type SchemaCollection } from './describe-input.ts';
import type { ApiResponse, MediaType } from './document-types.ts';

/** Describes every answer of a route, by status. */
export function describeAnswers(
  route: Route,
  schemas: SchemaCollection,
  alwaysThere: boolean,
): Record<string, ApiResponse> {
  return {
    [route.answer.status ?? 200]: success(route.answer, schemas),
    ...(route.conditional && route.method === 'GET' ? { 304: notModified } : {}),
    ...refusals(route, schemas, alwaysThere),
    ...refusedInput(route, schemas),
    500: jsonAnswer(
      'Internal Server Error',
      internalServerError,
      { example: exampleOf(internalServerError) },
      schemas,
    ),
  };
}

const ETAG = { ETag: 'The revision, as an entity tag' };

const notModified: ApiResponse = { description: 'Not Modified', headers: describeHeaders(ETAG) };

function describeHeaders(headers: Record<string, string>): NonNullable<ApiResponse['headers']> {
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return Object.fromEntries(described);
}

function success(answer: AnswerRule<unknown>, schemas: SchemaCollection): ApiResponse {
  const example = answer.example ?? exampleOf(answer.schema);
  const headers = describeHeaders({ ...answer.headers, ...(answer.revised ? ETAG : {}) });
  return {
    description: 'Successful Response',
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: {
      [mediaTypeOf(answer)]: {
        schema: schemas.describe(answer.schema, 'output'),
        ...(example === undefined ? {} : { example }),
      },
    },
  };
}

const mediaTypeOf = ({ mediaType }: AnswerRule<unknown>): string =>
  mediaType?.split(';')[0] ?? 'application/json';

function jsonAnswer(
  description: string,
  schema: z.ZodType,
  more: Partial<MediaType>,
  schemas: SchemaCollection,
): ApiResponse {
  return {
    description,
    content: { 'application/json': { schema: schemas.describe(schema, 'output'), ...more } },
  };
}

/** The example shows what the route's own schema says about bad input. */
function refusedInput(route: Route, schemas: SchemaCollection): Record<string, ApiResponse> {
  const schema = route.body ?? route.query;
  if (!(schema instanceof z.ZodObject)) return {};
  const part = !route.body ? 'query' : route.form ? 'form' : 'body';
  const [field = ''] = Object.keys(schema.shape);
  const raw = part === 'form' ? {} : { [field]: part === 'query' ? 'none' : 7 };
  const { details } = validate(schema, part, raw);
  const example = details.length > 0 ? { detail: details } : exampleOf(httpValidationError);
  return { 422: jsonAnswer('Validation Error', httpValidationError, { example }, schemas) };
}

/** Each reason of a status is an example. */
function refusals(
  route: Route,
  schemas: SchemaCollection,
  alwaysThere: boolean,
): Record<string, ApiResponse> {
  const formats = Object.values(route.params ?? {}).flatMap(({ format }) => format ?? []);
  const errors = [
    ...ACCESS_REFUSALS[route.access].map((refusal) => refusal()),
    ...formats.map(({ detail }) => badRequest(detail)),
    ...(route.refusals ?? []).map((refusal) => refusal()),
    ...(route.conditional ? [preconditionFailed()] : []),
    tooLarge(),
    ...(alwaysThere ? [] : [unavailable()]),
  ];
  const byStatus = Object.groupBy(errors, (err) => statusOf(err));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group = []]) => [status, refusal(group, schemas)]),
  );
}

function refusal(errors: AppError[], schemas: SchemaCollection): ApiResponse {
  const details = [...new Set(errors.map(({ message }) => message))];
  const headers = [...new Set(errors.flatMap((err) => Object.keys(err.headers)))].map((name) => [
    name,
    { schema: { type: 'string' } },
  ]);
  const examples = Object.fromEntries(details.map((detail) => [slug(detail), { value: { detail } }]));
  return {
    ...jsonAnswer(details.join(' · '), httpError, { examples }, schemas),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
  };
}

const slug = (detail: string): string =>
  detail
    .toLowerCase()
    .replaceAll("'", '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
