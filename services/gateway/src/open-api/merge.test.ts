import type { ApiPart } from '@quartet/common/openapi/document-types.ts';
import { describe, expect, test } from 'vitest';
import { DocumentConflict, mergeDocument } from './merge.ts';

const info = { title: 'Things', description: 'All', version: '1' };
const part = (some: Partial<ApiPart>): ApiPart => ({ tags: [], paths: {}, schemas: {}, ...some });
const message = { type: 'object', properties: { message: { type: 'string' } } };

describe('given parts of several services', () => {
  const document = mergeDocument(info, [
    part({
      tags: [{ name: 'a', description: 'first' }],
      paths: { '/a': { get: { operationId: 'a-get' } } },
      schemas: { Message: message, Z: {} },
    }),
    part({
      tags: [
        { name: 'a', description: 'again' },
        { name: 'b', description: 'b' },
      ],
      paths: { '/a': { post: { operationId: 'a-post' } }, '/b': { get: { operationId: 'b-get' } } },
      schemas: { Message: { ...message }, B: {} },
    }),
  ]);

  test('then the document has the paths of all, also where they share one', () => {
    expect(document.paths).toEqual({
      '/a': { get: { operationId: 'a-get' }, post: { operationId: 'a-post' } },
      '/b': { get: { operationId: 'b-get' } },
    });
  });

  test('then an equal schema or tag of both appears once', () => {
    expect(Object.keys(document.components.schemas)).toEqual(['B', 'Message', 'Z']);
    expect(document.tags).toEqual([
      { name: 'a', description: 'first' },
      { name: 'b', description: 'b' },
    ]);
  });
});

test('given one schema name with two meanings, then it is a conflict that names it', () => {
  const parts = [part({ schemas: { Message: message } }), part({ schemas: { Message: { type: 'string' } } })];
  expect(() => mergeDocument(info, parts)).toThrow(new DocumentConflict('described twice: schema Message'));
});

test('given one operation by two services, then it is a conflict that names it', () => {
  const twice = part({ paths: { '/a': { get: { operationId: 'a-get' } } } });
  expect(() => mergeDocument(info, [twice, twice])).toThrow(new DocumentConflict('described twice: get /a'));
});

test('given parts, then merging changes none of them', () => {
  const one = part({ paths: { '/a': { get: { operationId: 'a-get' } } } });
  const before = structuredClone(one);
  mergeDocument(info, [one, part({ paths: { '/a': { post: { operationId: 'a-post' } } } })]);
  expect(one).toEqual(before);
});
