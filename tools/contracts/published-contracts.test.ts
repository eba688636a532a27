import { contracts, eventTypes } from '@quartet/common/events/contracts.ts';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { jsonSchemaOf } from '../../services/gateway/src/async-api/json-schema.ts';
import { lostEvents, readPublished, reviewContract } from './published-contracts.ts';

const published = await readPublished();

describe.each(eventTypes)('the contract of %s', (type) => {
  const { problems, stale } = reviewContract(type, contracts[type], published);

  test('given consumers of what is published, then they can read it, and every version is kept', () => {
    expect(problems.join('\n')).toBe('');
  });

  test('given its published schema, then it equals the contract', () => {
    expect(stale && `${stale.file} is not what the contract says: run "npm run generate"`).toBeUndefined();
  });
});

test('given a published event, then it still has a contract', () => {
  expect(lostEvents(published, eventTypes)).toEqual([]);
});

test('given a published event that is gone or renamed, then it is a problem, unless the event is retired', () => {
  const files = new Map([
    ['user.created.v1.json', {}],
    ['user.made.v2.json', {}],
  ]);
  expect(lostEvents(files, ['user.created'])).toEqual([
    expect.stringContaining('user.made.v2.json is published'),
  ]);
  expect(lostEvents(files, ['user.created'], ['user.made'])).toEqual([]);
});

describe('the review of a contract', () => {
  const data = z.object({ a: z.string() });
  const file = { $schema: 'http://json-schema.org/draft-07/schema#', ...jsonSchemaOf(data) };
  const both = new Map([
    ['x.v1.json', file],
    ['x.v2.json', file],
  ]);
  const one = new Map([['x.v1.json', file]]);

  test('given the published schemas, then no file is stale', () => {
    expect(reviewContract('x', { version: 1, data }, one)).toEqual({ problems: [] });
    expect(reviewContract('x', { version: 2, data }, both)).toEqual({ problems: [] });
  });

  test('given a new event or version, then its file must be written, and an old one stays', () => {
    const other = z.object({ a: z.number() });
    const written = (version: number) => ({
      stale: { file: `x.v${version}.json`, schema: expect.anything() },
      problems: [],
    });
    expect(reviewContract('x', { version: 1, data: other }, new Map())).toEqual(written(1));
    expect(reviewContract('x', { version: 2, data: other }, one)).toEqual(written(2));
  });

  test('given a change that every consumer can read, then the file must be written again', () => {
    const wider = z.object({ a: z.string(), b: z.string().optional() });
    const { stale, problems } = reviewContract('x', { version: 1, data: wider }, one);
    expect(problems).toEqual([]);
    expect(stale).toMatchObject({ file: 'x.v1.json', schema: { properties: { b: { type: 'string' } } } });
    const { description } =
      reviewContract('x', { version: 1, data: data.describe('D.') }, one).stale?.schema ?? {};
    expect(description).toBe('D.');
  });

  test('given a change that consumers could not read, then the problem names event, field, reason and remedy', () => {
    const other = z.object({ a: z.string().nullable(), b: z.string() });
    expect(reviewContract('x', { version: 1, data: other }, one)).toEqual({
      problems: [
        'x: consumers of version 1 could not read it any more\n' +
          '  data.a: may be null now\n' +
          '  raise its version in contracts.ts to 2',
      ],
    });
  });

  test('given a missing or a withdrawn version, then it is reported', () => {
    expect(reviewContract('x', { version: 3, data }, one).problems).toEqual([
      'x.v2.json is missing: bring it back, or the version is raised by too much',
    ]);
    expect(reviewContract('x', { version: 1, data }, both).problems).toEqual([
      'x.v2.json is published, but the version of x is 1',
    ]);
  });
});
