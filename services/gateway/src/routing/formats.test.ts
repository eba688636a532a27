import { ID } from '@quartet/common/http/input/fields.ts';
import { expect, test } from 'vitest';
import { gatewayFixture } from '../../../../tests/support/fixtures.ts';
import { allMethods } from '../../../../tests/support/gateway.ts';

/** It backtracks for minutes on the text below. */
const SLOW = '^(a+)+$';
const formatOf = (pattern: string) => ({ id: { pattern, detail: 'Invalid item ID format' } });
const routesWith = (path: string, pattern: string) =>
  allMethods(path).map((route) => ({ ...route, formats: formatOf(pattern) }));

const { gateway } = await gatewayFixture((_req, res) => void res.end('true'), {}, [
  ...routesWith('/items/slow/{id}', SLOW),
  ...routesWith('/items/broken/{id}', '('),
  ...routesWith('/items/known/{id}', ID.source),
]);

test('given a format that no one of ours is, then the gateway does not try it, whatever it is', async () => {
  expect((await gateway.client('GET', `/items/slow/${'a'.repeat(40)}b`)).status).toBe(200);
  expect((await gateway.client('GET', '/items/broken/x')).status).toBe(200);
});

test('given a format that the gateway knows, then it refuses what does not fit before it reads a body', async () => {
  expect(await gateway.client('GET', '/items/known/x')).toMatchObject({
    status: 400,
    body: { detail: 'Invalid item ID format' },
  });
});
