/** These are the parts of OpenAPI 3.1, with JSON Schema 2020-12, that are used here. */

export type JsonSchema = Record<string, unknown>;

export type MediaType = {
  schema: JsonSchema;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
};

export type ApiResponse = {
  description: string;
  headers?: Record<string, { description?: string; schema: JsonSchema }>;
  /** A 304 has none. */
  content?: Record<string, MediaType>;
};

export type Parameter = {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  example?: unknown;
  schema: JsonSchema;
};

export type Operation = {
  tags: string[];
  summary: string;
  description: string;
  operationId: string;
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required: true; content: Record<string, MediaType> };
  responses: Record<string, ApiResponse>;
};

export type Tag = { name: string; description: string };

/** `paths` are whole (`/api/v1/...`) and hold each {@link Operation} by its method in lower case. */
export type ApiPart = {
  tags: Tag[];
  paths: Record<string, Record<string, Record<string, unknown>>>;
  schemas: Record<string, JsonSchema>;
};

export type ApiDocument = {
  openapi: '3.1.0';
  info: { title: string; description: string; version: string };
  tags: Tag[];
  paths: ApiPart['paths'];
  components: { schemas: ApiPart['schemas']; securitySchemes: Record<string, unknown> };
};
