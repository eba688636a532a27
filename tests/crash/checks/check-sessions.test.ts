import { expect, test } from 'vitest';
import { checkSessions } from './check-sessions.ts';
import { createModel } from './model.ts';

const refused = (issuedAtMs: number, atMs: number) => ({
  ...createModel(),
  endedEarly: [{ what: 'item', issuedAtMs, atMs }],
});
const memory = { madeAtMs: 10_000, sinceMs: 11_000 };

test('given a memory of revocations that began after the session, then it may be refused from then on', () => {
  expect(checkSessions(refused(9_000, 10_001), [memory])).toEqual([]);
  expect(checkSessions(refused(10_000, 20_000), [{ ...memory, madeAtMs: 0, sinceMs: 0 }, memory])).toEqual(
    [],
  );
});

test.each([
  ['the session began with it', refused(11_000, 12_000), memory],
  ['it was made only after the refusal', refused(9_000, 9_999), memory],
  ['it begins long after it was made', refused(60_000, 61_000), { ...memory, sinceMs: 100_000 }],
])('given %s, then a refusal is a wrong answer', (_, model, began) => {
  expect(checkSessions(model, [began])).toMatchObject([{ kind: 'answer', about: 'session' }]);
});
