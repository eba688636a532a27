import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { logInAdmin } from '../support/accounts.ts';
import type { Call, Client } from '../support/client.ts';
import { leastCpuMs } from '../support/cpu-time.ts';
import { runAllServices } from '../support/services.ts';
import { startTestbed, type Testbed } from '../support/testbed.ts';
import { operations, ownerOf, schema } from './read-openapi.ts';

/** Long text in any field must cost as much CPU time as equally long harmless text. */

vi.setConfig({ testTimeout: 120_000 });

const IN_BODY = 90_000;
const IN_TARGET = 14_000;
/** Expensive text costs more than a hundred times as much as harmless text. */
const TIMES = 15;
const AT_LEAST_MS = 150;

const marks = ['\u0301', '\u0327'];
const HARMLESS = 'x';
const hostile: Record<string, (bytes: number) => string> = {
  'combining marks of two classes': (bytes) =>
    `a${marks.map((mark) => mark.repeat(bytes / 4)).join('')}@example.com`,
  'white space': (bytes) => `${' '.repeat(bytes)}1`,
  'white space within': (bytes) => `1${' '.repeat(bytes)}1`,
  'digits that end in none': (bytes) => `${'1'.repeat(bytes)}x`,
  'a number with a tail': (bytes) => `1.${'0'.repeat(bytes)}x`,
  'addresses in a row': (bytes) => 'a@a'.repeat(bytes / 3),
  'dots behind an @-sign': (bytes) => `a@${'a.'.repeat(bytes / 2)}`,
  'letters that are mapped': (bytes) => `a@${'\ufdfa'.repeat(bytes / 3)}.example`,
  'code that stands for letters': (bytes) => `a@xn--${'a'.repeat(bytes)}.example`,
  'pairs of surrogates': (bytes) => '😀'.repeat(bytes / 4),
  'a surrogate at the end': (bytes) => `${'x'.repeat(bytes - 6)}\ud800`,
  'parts of a token': (bytes) => `${'e30.'.repeat(bytes / 4)}`,
  'hex digits': (bytes) => 'a'.repeat(bytes),
};

type Sent = { path: string; call: Call };
type Field = { name: string; bytes: number; send: (text: string) => Sent };

const media = z.record(
  z.string(),
  z.object({ schema: z.record(z.string(), z.unknown()), example: z.unknown() }),
);
const at = (path: string) => path.replace('/api/v1', '');

function fieldsOf({ path, parameters, requestBody }: (typeof operations)[number]): Field[] {
  const given = parameters.map(({ name, in: part }): Field => {
    const send = (text: string): Sent => {
      const encoded = encodeURIComponent(text.toWellFormed());
      const target = encoded.slice(0, IN_TARGET).replace(/%.?$/, '');
      if (part === 'path') return { path: at(path).replace(`{${name}}`, target), call: {} };
      return { path: `${at(path)}?${name}=${target}`, call: {} };
    };
    return { name: `${part} ${name}`, bytes: IN_TARGET, send };
  });
  const [[type, described] = []] = Object.entries(media.parse(requestBody?.content ?? {}));
  const example = z.record(z.string(), z.unknown()).parse(described?.example ?? {});
  const named = String(described?.schema.$ref ?? '')
    .split('/')
    .at(-1);
  const names = named ? Object.keys(schema(named).properties) : [];
  const fixed = path.replace(/\{\w+\}/g, '65f1c0ffee15600d5eed0001');
  const inBody = names.map((name): Field => {
    const send = (text: string): Sent => {
      if (type !== 'application/json') {
        const form = new URLSearchParams({
          ...(example as Record<string, string>),
          [name]: text.toWellFormed(),
        });
        const raw = form.toString().slice(0, IN_BODY);
        const headers = { 'content-type': String(type) };
        return { path: at(fixed), call: { raw, headers } };
      }
      return { path: at(fixed), call: { body: { ...example, [name]: text } } };
    };
    return { name: `body ${name}`, bytes: IN_BODY, send };
  });
  return [...given, ...inBody];
}

let bed: Testbed;
let services: Awaited<ReturnType<typeof runAllServices>>;
let token: string;

beforeAll(async () => {
  bed = await startTestbed();
  services = await runAllServices(bed);
  token = await logInAdmin(services.auth.client);
});
afterAll(() => bed.stop());

const clientOf = (path: string): Client => services[ownerOf(at(path))].client;

const taking = operations
  .filter(({ id }) => !['docs', 'gateway'].includes(id))
  // A stream of events never ends; its own tests try its parameters.
  .filter(({ responses }) => !('text/event-stream' in (responses['200']?.content ?? {})))
  .map((it) => ({ ...it, fields: fieldsOf(it) }))
  .filter(({ fields }) => fields.length > 0);

test('given the document, then it has fields of each kind', () => {
  const names = taking.flatMap(({ fields }) => fields.map(({ name }) => name));
  expect(names).toEqual(
    expect.arrayContaining([
      'path email',
      'path user_id',
      'path id',
      'query limit',
      'query to',
      'query consumer',
      'query email_to',
      'body username',
      'body token',
      'body new_password',
      'body title',
      'body full_name',
      'body is_active',
      'body client_secret',
    ]),
  );
});

describe.each(taking)('given $method $path', ({ method, path, fields }) => {
  test.each(fields)('when its $name is long text, then it costs what harmless text costs', async (field) => {
    const client = clientOf(path);
    const send = (text: string) => {
      const { path: to, call } = field.send(text);
      return client(method.toUpperCase(), to, { token, ...call });
    };
    const harmless = await leastCpuMs(
      () => send(HARMLESS.repeat(field.bytes)),
      (ms) => ms < 20,
    );
    const bound = Math.max(TIMES * harmless, AT_LEAST_MS);
    for (const [what, make] of Object.entries(hostile)) {
      const text = make(field.bytes);
      const spent = await leastCpuMs(
        () => send(text),
        (ms) => ms < bound,
      );
      expect(spent, what).toBeLessThan(bound);
    }
  });
});
