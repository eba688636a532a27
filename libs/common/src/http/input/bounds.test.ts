import { describe, expect, test } from 'vitest';
import { boundedString, codePoints, cut, isLonger } from './bounds.ts';

describe('counting', () => {
  test.each(['', 'a', '😀', 'a😀b', '\ud800', '\udc00\ud800', '\ud800\ud800\udc00', '😀😀'])(
    'given %j, then it has as many code points as its iterator says',
    (value) => {
      const { length } = [...value];
      expect(codePoints(value)).toBe(length);
      for (const max of [0, 1, 2, 3]) expect(isLonger(value, max)).toBe(length > max);
    },
  );

  test.each(['x', '😀', 'x😀', '😀x'])(
    'given a long text of %j, then the cut text is short but still too long',
    (part) => {
      for (const max of [1, 2, 3, 8]) {
        const left = cut(part.repeat(1_000), max);
        expect(isLonger(left, max)).toBe(true);
        expect(left.length).toBeLessThanOrEqual(2 * max + 2);
        expect(left.isWellFormed()).toBe(true);
      }
    },
  );

  test('given text that is not too long, then nothing is cut off', () => {
    for (const value of ['', 'abc', '😀😀😀']) expect(cut(value, 3)).toBe(value);
  });
});

test('given text that is too long, then no other check reads it', () => {
  const seen: string[] = [];
  const field = boundedString((ctx) => {
    if (ctx.value.length > 3) ctx.issues.push({ code: 'custom', input: ctx.value });
  })
    .check((ctx) => void seen.push(ctx.value))
    .transform((value) => seen.push(value));
  field.safeParse('long');
  field.safeParse('ok');
  expect(seen).toEqual(['ok', 'ok']);
});
