import asyncApiSpecs from '@asyncapi/specs';
import { contracts, type EventType, eventTypes } from '@quartet/common/events/contracts.ts';
import { createEvent } from '@quartet/common/events/envelope.ts';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { asyncApiDocument } from './async-api.ts';

const consumers = { 'user.deleted': ['notifier', 'items', 'notifier'], 'user.created': ['notifier'] };
const document = asyncApiDocument({ title: 'Quartet', version: '1.2.3', consumers });

const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true }));
ajv.addSchema({ ...document, $id: 'document' });
const validatorOf = (path: string): ValidateFunction => ajv.compile({ $ref: `document#/components/${path}` });

// AsyncAPI's own schema has draft-07 in it, which would be there twice.
const forAsyncApi = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
const isAsyncApi = addFormats.default(forAsyncApi).compile(asyncApiSpecs.schemas['3.0.0']);

const object = z.record(z.string(), z.unknown());
const dataOf: { [T in EventType]: object } = {
  'user.created': { is_active: true, is_superuser: false, origin: 'admin' },
  'user.updated': { is_active: false, is_superuser: true, changed: ['email', 'is_active'] },
  'user.logged-out': { session_id: 's', until: 1 },
  'user.session-stolen': { session_id: 's', until: 1 },
  'user.verification-requested': {},
  'user.deleted': {},
  'password.reset-requested': {},
  'password.changed': { by: 'link' },
  'password.guessing-detected': { failures: 10 },
  'item.created': {},
  'item.updated': { changed: [] },
  'item.deleted': {},
};

function realEvent(type: EventType) {
  const id = 'a1'.repeat(12);
  const about = { [`${type.split('.')[0]}_id`]: id, owner_id: id, user_id: id, email: 'b@example.com' };
  // The contract reads it, so that whatever is made here fits.
  const data = contracts[type].data.parse({ ...about, ...dataOf[type] });
  return createEvent(type, id, data, new Date());
}

/** Every pointer in a part of the document. */
const pointersIn = (part: unknown): string[] =>
  [...JSON.stringify(part).matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer = '']) => pointer);

/** What a pointer stands for. */
const resolve = (pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((part, name) => object.parse(part)[name], document);

describe('the document', () => {
  test('given the schema of AsyncAPI 3.0, then it is valid, and a broken document is not', () => {
    isAsyncApi(document);
    expect(isAsyncApi.errors).toBeNull();
    expect(isAsyncApi({ ...document, info: {} })).toBe(false);
    expect(isAsyncApi({ ...document, operations: { x: { action: 'push' } } })).toBe(false);
  });

  test('given its pointers, then each points at something', () => {
    const pointers = pointersIn(document);
    expect(pointers.length).toBeGreaterThan(5 * eventTypes.length);
    for (const pointer of pointers) expect(resolve(pointer), pointer).toBeDefined();
  });

  test('given every contract, then it has a channel, a message and its data’s schema, and nothing else has', () => {
    const { channels, components } = document;
    expect(Object.keys(channels)).toEqual(eventTypes);
    expect(Object.keys(components.messages)).toEqual(eventTypes);
    expect(Object.keys(components.schemas)).toEqual(['Headers', 'Envelope', ...eventTypes]);
    for (const [type, channel] of Object.entries(channels)) expect(channel.address).toBe(type);
  });

  test('given consumers, then each has one operation, and a service that consumes nothing has none', () => {
    const ofDeletion = Object.keys(document.operations).filter((name) => name.endsWith('user.deleted'));
    expect(ofDeletion).toEqual([
      'auth-sends-user.deleted',
      'items-receives-user.deleted',
      'notifier-receives-user.deleted',
    ]);
    expect(Object.keys(document.operations)).toHaveLength(eventTypes.length + 3);
    expect(document.operations['items-receives-user.deleted']).toMatchObject({
      action: 'receive',
      tags: [{ name: 'items' }],
    });
    expect(document.channels['user.deleted']).toMatchObject({
      'x-producer': 'auth',
      'x-consumers': ['items', 'notifier'],
    });
    expect(document.channels['item.created']).toMatchObject({ 'x-producer': 'items', 'x-consumers': [] });
  });

  test('given every name, then tools can use it as a file name or an identifier', () => {
    for (const name of Object.keys(document.operations)) expect(name).toMatch(/^[\w.-]+$/);
  });

  test('given every field, then it is described', () => {
    for (const [name, { properties }] of Object.entries(document.components.schemas)) {
      for (const [field, schema] of Object.entries(properties ?? {}))
        expect(schema, `${name}: ${field}`).toMatchObject({ description: expect.stringMatching(/\.$/) });
    }
  });
});

describe.each(eventTypes)('%s', (type) => {
  const fits = validatorOf(`messages/${type}/payload`);
  const errorsOf = (payload: unknown) => (fits(payload) ? [] : (fits.errors ?? []));
  const event = realEvent(type);

  test('given its example, then payload and headers are valid, and the subject matches the data', () => {
    const [example] = document.components.messages[type]?.examples ?? [];
    expect(errorsOf(example?.payload)).toEqual([]);
    const headersFit = validatorOf('schemas/Headers');
    headersFit(example?.headers);
    expect(headersFit.errors).toBeNull();
    const [about] = Object.values(object.parse(example?.payload.data));
    expect(example?.payload.subject).toBe(about);
  });

  test('given an event of createEvent, then it is valid, also as a message', () => {
    expect(errorsOf(event)).toEqual([]);
    expect(errorsOf(JSON.parse(JSON.stringify({ ...event, later: 'a field of tomorrow' })))).toEqual([]);
  });

  test.each([
    ['another type', { ...event, type: 'user.eaten' }, '/type'],
    ['another producer', { ...event, source: '/quartet/notifier' }, '/source'],
    ['another version', { ...event, dataschema: `urn:quartet:event:${type}:99` }, '/dataschema'],
    ['another spec version', { ...event, specversion: '0.3' }, '/specversion'],
    ['no time', { ...event, time: 'yesterday' }, '/time'],
    ['data without anything', { ...event, data: {} }, '/data'],
    ['no data', { ...event, data: undefined }, ''],
  ])('given %s, then it does not fit there', (_name, broken, where) => {
    const text: unknown = JSON.parse(JSON.stringify(broken));
    expect(errorsOf(text).map(({ instancePath }) => instancePath)).toContain(where);
  });

  test('given any field of its data missing or of another type, then it is invalid', () => {
    const data = object.parse(event.data);
    expect(Object.keys(data).length).toBeGreaterThan(1);
    for (const field of Object.keys(data)) {
      const { [field]: _dropped, ...rest } = data;
      expect(errorsOf({ ...event, data: rest }), field).not.toEqual([]);
      expect(errorsOf({ ...event, data: { ...rest, [field]: {} } }), field).not.toEqual([]);
    }
  });
});
