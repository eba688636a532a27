import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

const json = (schema: object, more: object = {}) => ({
  description: 'An answer',
  content: { 'application/json': { schema, ...more } },
});
const text = { type: 'object', required: ['text'], properties: { text: { type: 'string' } } };
const detail = { type: 'object', required: ['detail'], properties: { detail: { type: 'string' } } };
const thing = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };
const created = { status: 201, body: { id: 'a1' } };

type Fault = {
  findings: string[];
  operation: object;
  answer: { status: number; body: object };
};

const hello = { status: 200, body: { text: 'hello' } };

export const faults: Record<string, Fault> = {
  'GET /right': { findings: [], operation: { responses: { 200: json(text) } }, answer: hello },
  'GET /status': {
    findings: ['Undocumented status code'],
    operation: { responses: { 201: json(text) } },
    answer: hello,
  },
  'GET /body': {
    findings: ['Response violates schema'],
    operation: { responses: { 200: json(text) } },
    answer: { status: 200, body: { text: 7 } },
  },
  'GET /crash': {
    findings: ['Server error', 'Schema-valid request rejected'],
    operation: { responses: { 200: json(text), 500: json(detail, { example: { detail: 'Oh' } }) } },
    answer: { status: 500, body: { detail: 'Oh' } },
  },
  'GET /credulous': {
    findings: ['Schema-violating request accepted'],
    operation: {
      parameters: [{ name: 'page', in: 'query', required: true, schema: { type: 'integer' } }],
      responses: { 200: json(text), 422: json(detail) },
    },
    answer: hello,
  },
  'GET /strict': {
    findings: ['Schema-valid request rejected'],
    operation: { responses: { 200: json(text), 422: json(detail, { example: { detail: 'No' } }) } },
    answer: { status: 422, body: { detail: 'No' } },
  },
  'GET /open': {
    findings: [
      'API accepts invalid authentication',
      'Missing required header accepted',
      'Schema-violating request accepted',
    ],
    operation: {
      security: [{ OAuth2PasswordBearer: [] }],
      responses: { 200: json(text), 401: json(detail) },
    },
    answer: hello,
  },
  'GET /reason': {
    findings: ['Undocumented reason'],
    operation: { responses: { 200: json(text), 404: json(detail, { example: { detail: 'Not here' } }) } },
    answer: { status: 404, body: { detail: 'Somewhere else' } },
  },
  'POST /things': { findings: [], operation: { responses: { 201: json(thing) } }, answer: created },
  'GET /things/{id}': {
    findings: [],
    operation: {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      responses: { 200: json(thing), 404: json(detail, { example: { detail: 'Lost' } }) },
    },
    answer: { status: 404, body: { detail: 'Lost' } },
  },
};

export const findingsOfSequences = ['Created resource not found'];

const document = {
  openapi: '3.1.0',
  info: { title: 'Faults', version: '1' },
  paths: describePaths(),
  components: {
    securitySchemes: {
      OAuth2PasswordBearer: { type: 'oauth2', flows: { password: { tokenUrl: '/token', scopes: {} } } },
    },
  },
};

function describePaths(): Record<string, Record<string, object>> {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, { operation }] of Object.entries(faults)) {
    const [method = '', path = ''] = name.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  }
  return paths;
}

export async function startFaultyServer(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]?.replace(/^\/things\/.*/, '/things/{id}') ?? '';
    const allowed = Object.keys(faults).flatMap((name) =>
      name.endsWith(` ${path}`) ? name.split(' ')[0] : [],
    );
    const known =
      path === '/openapi.json'
        ? { status: 200, body: document }
        : faults[`${request.method} ${path}`]?.answer;
    const { status, body } = known ?? { status: allowed.length > 0 ? 405 : 404, body: {} };
    response.writeHead(status, { 'content-type': 'application/json', allow: allowed.join(', ') });
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
