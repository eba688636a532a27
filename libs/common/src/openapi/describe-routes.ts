import { API_PREFIX } from '../http/app.ts';
import type { Route } from '../http/routes/route.ts';
import { describeAnswers } from './describe-answers.ts';
import {
  bodyType,
  createSchemaCollection,
  describeBody,
  describeConditions,
  describeParams,
  describeQuery,
  type SchemaCollection,
} from './describe-input.ts';
import type { ApiPart, Operation, Tag } from './document-types.ts';

/** FastAPI gives the security scheme this name. */
export const SECURITY_SCHEME = 'OAuth2PasswordBearer';

/** Describes routes; `alwaysThere` excludes 503. @throws {Error} when two schemas have the same `id` */
export function describeRoutes(
  routes: readonly Route[],
  options: { tags?: readonly Tag[]; alwaysThere?: boolean } = {},
): ApiPart {
  const schemas = createSchemaCollection();
  const paths: ApiPart['paths'] = {};
  for (const route of routes) {
    const path = API_PREFIX + route.path;
    const operations = paths[path] ?? {};
    operations[route.method.toLowerCase()] = describeRoute(route, schemas, options.alwaysThere ?? false);
    paths[path] = operations;
  }
  const used = new Set(routes.map(({ operationId }) => tagOf(operationId)));
  const tags = (options.tags ?? []).filter(({ name }) => used.has(name));
  return { tags, paths, schemas: schemas.components() };
}

function describeRoute(route: Route, schemas: SchemaCollection, alwaysThere: boolean): Operation {
  const { operationId, summary, description, access } = route;
  const parameters = [
    ...describeParams(route),
    ...describeQuery(route, schemas),
    ...describeConditions(route),
  ];
  return {
    tags: [tagOf(operationId)],
    summary,
    description,
    operationId,
    ...(access === 'anyone' ? {} : { security: [{ [SECURITY_SCHEME]: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body
      ? { requestBody: { required: true, content: { [bodyType(route)]: describeBody(route.body, schemas) } } }
      : {}),
    responses: describeAnswers(route, schemas, alwaysThere),
  };
}

const tagOf = (operationId: string): string => operationId.slice(0, operationId.lastIndexOf('-'));
