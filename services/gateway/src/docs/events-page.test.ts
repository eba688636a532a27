import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contracts, eventTypes } from '@quartet/common/events/contracts.ts';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { asyncApiDocument } from '../async-api/async-api.ts';
import { renderEventsPage } from './events-page.ts';

const consumers = { 'user.created': ['notifier'], 'user.deleted': ['notifier', 'items'] };
const document = asyncApiDocument({ title: 'Quartet', version: '1.2.3', consumers });
const links = { stylesheet: '/docs/assets/events.css' };
const page = renderEventsPage(document, links);

/** The part of the page about one event, without its tags. */
const articleOf = (type: string, of = page) =>
  of
    .slice(of.indexOf(`<article id="${type}">`))
    .replace(/<\/article>[\s\S]*/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ');

describe('the page of the events', () => {
  test.each(eventTypes)('given %s, then it describes it and links to it', (type) => {
    const { version, producer, summary, data } = contracts[type];
    const article = articleOf(type);
    expect(page).toContain(`<li><a href="#${type}">`);
    expect(article).toContain(`${type} version ${version}`);
    expect(article).toContain(`${summary} Made by ${producer} Acted on by`);
    for (const [name, field] of Object.entries<z.ZodType>(data.shape)) {
      // A field that came later may be missing in an event of before.
      expect(article).toContain(`${name} ${field.safeParse(undefined).success ? 'optional' : 'required'}`);
      expect(article).toContain(field.meta()?.description);
    }
    expect(article).toContain(`"type": "${type}", "subject": "67`);
    expect(article).toContain('Nats-Msg-Id: 5f0b8a4e-');
  });

  test('given consumers, then it names them, and says when there is none', () => {
    expect(articleOf('user.deleted')).toContain('Acted on by items notifier Fields');
    expect(articleOf('user.created')).toContain('Acted on by notifier Fields');
    expect(articleOf('item.created')).toContain('Acted on by no service so far Fields');
  });

  test('given types, then it shows them with their limits', () => {
    expect(articleOf('user.created')).toContain(
      'user_id required string pattern ^[0-9a-f]{24}$ Id of the user.',
    );
    expect(articleOf('user.updated')).toContain('changed required string[] Names');
    expect(articleOf('password.changed')).toContain('by required "owner" | "link" | "admin" Who');
  });

  test('then it says how delivery works, and links the document', () => {
    expect(page).toContain('<h2>How delivery works</h2>\n<p>Every message is a CloudEvents 1.0 event');
    expect(page).toContain('the user or item that <code>subject</code> names');
    expect(page).toContain('<a href="/api/v1/asyncapi.json">');
    expect(page).toContain('<code>traceparent</code> <span class="optional">optional</span>');
  });

  test('then every link within it has a target, and no name is used twice', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, anchor] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(anchor);
  });

  test('then nothing in it runs, and nothing is loaded but its style sheet and icon', () => {
    expect(page).not.toMatch(/<script|<style|<img|<iframe| style=| on\w+=|https?:/);
    expect(page.match(/<link [^>]+>/g)).toEqual(['<link rel="stylesheet" href="/docs/assets/events.css">']);
    const icon = renderEventsPage(document, { ...links, icon: '/icon.svg' });
    expect(icon).toContain('<link rel="icon" href="/icon.svg">');
    const sheet = readFileSync(join(import.meta.dirname, 'pages/events.css'), 'utf8');
    expect(sheet).not.toMatch(/@import|url\(/);
  });

  test('then every element is closed in its order', () => {
    const open: string[] = [];
    for (const [, end, name = ''] of page.matchAll(/<(\/?)([a-z]\w*)/g)) {
      if (['meta', 'link'].includes(name)) continue;
      if (end === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});

describe('given texts that look like HTML', () => {
  const evil = `"'><script>alert(1)</script>&amp;`;
  const schema = {
    properties: { [evil]: { description: evil, const: evil, pattern: evil, minLength: 1 } },
    required: [evil],
  };
  const channel = {
    address: evil,
    summary: evil,
    messages: {},
    tags: [],
    'x-producer': evil,
    'x-consumers': [evil],
  };
  const example = { name: evil, headers: { [evil]: evil }, payload: { [evil]: evil } };
  const pointer = { $ref: '' };
  const message = {
    name: evil,
    summary: evil,
    contentType: '',
    headers: pointer,
    payload: {},
    examples: [example],
  };
  const bad = renderEventsPage(
    {
      ...document,
      info: { title: evil, version: evil, description: `${evil} \`${evil}\`` },
      channels: { [evil]: channel },
      components: {
        messages: { [evil]: { ...message, 'x-version': 1 } },
        schemas: { Headers: schema, Envelope: schema, [evil]: schema },
      },
    },
    { stylesheet: evil, icon: evil },
  );

  test('then they are only shown', () => {
    expect(bad).not.toContain('<script');
    expect(bad).not.toContain(evil.slice(0, 3));
    expect(bad.split('&#60;script&#62;').length).toBeGreaterThan(25);
    expect(bad).toContain('&#38;amp;');
  });
});

test('given fields inside of fields, alternatives and limits, then each has its row, by its path', () => {
  const price = { type: 'number', minimum: 0 } as const;
  const lines = { type: 'array', items: { type: 'object', properties: { price } } } as const;
  const schema = {
    properties: {
      address: { type: 'object', properties: { street: { type: ['string', 'null'] } }, required: ['street'] },
      lines,
      kind: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      list: { type: 'array', items: { enum: ['a', 'b'] }, minItems: 1 },
      pair: { type: 'array', items: [{}, {}] },
      when: { type: 'string', format: 'date', pattern: 'long' },
      any: true,
    },
  } as const satisfies (typeof document)['components']['schemas'][string];
  const { components } = document;
  const schemas = { ...components.schemas, 'item.created': schema };
  const text = articleOf(
    'item.created',
    renderEventsPage({ ...document, components: { ...components, schemas } }, links),
  );
  expect(text).toContain('address optional object address.street required string | null');
  expect(text).toContain('lines optional object[] lines[].price optional number minimum 0 ');
  expect(text).toContain('kind optional string | null list optional ("a" | "b")[] minItems 1 ');
  expect(text).toContain('pair optional anything[] when optional string format date any optional anything ');
});
