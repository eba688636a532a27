import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { CLIENT_FOLDER, EVENTS_FOLDER } from './files.ts';
import { generateFiles } from './generate-files.ts';

const openApi = {
  openapi: '3.1.0',
  info: { title: 'Sample', version: '1' },
  paths: {
    '/dead-letters/{id}': {
      get: {
        tags: ['dead-letters'],
        operationId: 'dead-letters-read_dead_letter',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 200: { description: 'It', content: { 'application/json': { schema: {} } } } },
      },
    },
  },
};

const asyncApi = {
  asyncapi: '3.0.0',
  components: {
    schemas: {
      Headers: { type: 'object' },
      'sample.made': { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    },
    messages: {
      'sample.made': {
        payload: {
          type: 'object',
          properties: {
            type: { const: 'sample.made' },
            data: { $ref: '#/components/schemas/sample.made' },
          },
          required: ['type', 'data'],
        },
      },
    },
  },
};

type Answer = { status: number; body: string };
let server: Server | undefined;

async function serve(answers: Record<string, Answer>): Promise<string> {
  server = createServer((req, res) => {
    const { status, body } = answers[req.url ?? ''] ?? { status: 404, body: '{"detail":"Not Found"}' };
    res.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const json = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) });
const documents = { '/openapi.json': json(openApi), '/asyncapi.json': json(asyncApi) };

test('given a stack, then documents and client are generated, the same each time', async () => {
  const api = await serve(documents);
  const files = await generateFiles(api);
  expect(files.get('docs/openapi.json')).toBe(`${JSON.stringify(openApi, null, 2)}\n`);
  expect(files.get('docs/asyncapi.json')).toBe(`${JSON.stringify(asyncApi, null, 2)}\n`);
  const sdk = files.get(`${CLIENT_FOLDER}/sdk.gen.ts`);
  expect(sdk).toContain('export class DeadLettersService');
  expect(sdk).toContain('static readDeadLetter<');
  const types = files.get(`${EVENTS_FOLDER}/types.gen.ts`)?.replaceAll(/\s+/g, ' ');
  expect(types).toContain("SampleMadeEvent = { type: 'sample.made'; data: SampleMadeData; };");
  expect(types).toContain('LiveEvent = SampleMadeEvent;');
  expect(types).not.toContain('Headers');
  expect(await generateFiles(api)).toEqual(files);
});

test.each([
  { given: 'no document', answer: { status: 404, body: '' }, message: 'answered 404' },
  { given: 'a refusal', answer: { status: 503, body: 'later' }, message: 'answered 503: later' },
  { given: 'a list', answer: json([]), message: 'expected record' },
  { given: 'another document', answer: json({ a: 1 }), message: 'no client can be generated' },
])('given $given, then the error names it', async ({ answer, message }) => {
  const api = await serve({ ...documents, '/openapi.json': answer });
  await expect(generateFiles(api)).rejects.toThrow(message);
});

test('given an interruption, then it ends with its reason', async () => {
  const api = await serve(documents);
  await expect(generateFiles(api, undefined, AbortSignal.abort())).rejects.toThrow('aborted');
});
