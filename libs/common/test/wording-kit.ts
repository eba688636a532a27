import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { type Client, createClient } from '../../../tests/support/client.ts';
import { createApp } from '../src/http/app.ts';
import { text } from '../src/http/input/fields.ts';
import { type Route, route } from '../src/http/routes/route.ts';
import { serveRoutes } from '../src/http/routes/serve-routes.ts';
import { type HttpServer, listen } from '../src/http/server/server.ts';
import { createLog } from '../src/process/logging.ts';

/** A rule, a value that breaks it, and what the 422 says of the field `value`. */
export type Row = [rule: string, schema: z.ZodType, sent: unknown, type: string, msg: string, ctx?: object];

/** Text with the bound of all texts in requests. */
export const line = () => text({ max: 99 });

/** Makes a route that takes `body`. */
export const post = (path: string, body: z.ZodType): Route =>
  route({
    method: 'POST',
    path,
    access: 'anyone',
    operationId: 'things-make',
    summary: '',
    description: '',
    body,
    answer: { schema: z.unknown() },
    handler: async () => true,
  });

/** Serves routes for the tests of a file. */
export function serveForTests(routes: Route[], logged: string[] = []): Client {
  let server: HttpServer;
  let client: Client;
  beforeAll(async () => {
    const log = createLog('test', 'warn', { write: (entry: string) => void logged.push(entry) });
    const app = createApp({ log, dispatches: [serveRoutes('/api', routes, async () => undefined)] });
    server = await listen(app, '127.0.0.1', 0);
    client = createClient(`http://127.0.0.1:${server.port}/api`);
  });
  afterAll(() => server.drain());
  return (...call) => client(...call);
}

/** Runs a test for each row, which sends its value to a served route. */
export function testWordings(rows: Row[]): void {
  const client = serveForTests(rows.map(([, value], at) => post(`/rows/${at}`, z.object({ value }))));
  test.each(rows.map((row, at) => [row[0], at, row] as const))(
    'given %s, when a value breaks it, then the 422 has the message of the rule',
    async (_rule, at, [, , input, type, msg, ctx]) => {
      const { status, body } = await client('POST', `/rows/${at}`, { body: { value: input } });
      const detail = { type, loc: ['body', 'value'], msg, input, ...(ctx ? { ctx } : {}) };
      expect({ status, body }).toEqual({ status: 422, body: { detail: [detail] } });
    },
  );
}
