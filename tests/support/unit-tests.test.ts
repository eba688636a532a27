import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPathOutside, findUnitTests } from './unit-tests.ts';

const ROOT = join(import.meta.dirname, '../..');
const pathOutside = createPathOutside(ROOT);
const outside = (file: string) => pathOutside(join(ROOT, file));

test('given tests of rules, then they are unit tests, and this one is too', async () => {
  expect(await findUnitTests(ROOT)).toEqual(
    expect.arrayContaining([
      'services/items/src/items.test.ts',
      'services/notifier/src/sending/outcomes.test.ts',
      'tests/support/unit-tests.test.ts',
    ]),
  );
});

test.each([
  ['an engine', 'services/items/src/routes/access.test.ts'],
  ['a whole stack', 'tests/system/journey.test.ts'],
  ['a socket', 'libs/common/src/http/server/pace.test.ts'],
  ['much time', 'libs/common/src/tokens/verifier-links.test.ts'],
])('given a test that uses %s, then it is no unit test', async (_what, file) => {
  expect(await findUnitTests(ROOT)).not.toContain(file);
});

test('given a file that starts an engine, then its import path is named', () => {
  expect(outside('tests/support/testbed.ts')).toEqual([
    'tests/support/testbed.ts',
    expect.stringMatching(/\.ts$/),
    expect.anything(),
  ]);
});

test('given a unit test that opens a socket, then the socket is refused', async () => {
  const refused = fetch('http://127.0.0.1:19999').catch(({ cause }: Error) => cause);
  expect(await refused).toMatchObject({ message: expect.stringContaining('may not use sockets') });
});
