import { describe, expect, test } from 'vitest';
import { preconditionFailed } from '../../errors.ts';
import { entityTag, hasRevision } from './conditions.ts';

const FAILS = preconditionFailed();
const WRITES = ['PUT', 'PATCH', 'DELETE'];

function outcome(method: string, headers: Record<string, string>, revision: number | undefined = 7) {
  try {
    return hasRevision(method, headers, revision) ? 'not modified' : 'goes on';
  } catch (err) {
    expect(err).toMatchObject({ fault: FAILS.fault, detail: FAILS.detail });
    return 'fails';
  }
}

test('given a revision, then its tag is strong; a thing without one has the tag of 0', () => {
  expect(entityTag(7)).toBe('"7"');
  expect(entityTag(undefined)).toBe('"0"');
  expect(hasRevision('PUT', { 'if-match': '"0"' }, undefined)).toBe(false);
});

/** Lists that name revision 7 and no weak tag of it. */
const FITTING = [
  '*',
  '"7"',
  '"6", "7"',
  ' "7" ,"8"',
  ',, "7",',
  '"a,b", "7"',
  '"","7"',
  'W/"6", "7"',
  '"ÿ","7"',
];
const OTHER = ['"8"', '"77"', '""', '"7,"', '"W/7"', '"7W/"', 'W/"8"', '"6", "8"'];
/** RFC 9110 has no such lists. */
const MALFORMED = [
  '',
  '7',
  '"7',
  "'7'",
  '"7" "8"',
  '"6" "7"',
  '"7"8',
  'w/"7"',
  'W/7',
  'W/W/"7"',
  '"7", *',
  '*, *',
  '"7", 8',
];

describe('given If-Match', () => {
  test.each(FITTING)('given %s, then the request is performed', (list) => {
    for (const method of ['GET', ...WRITES]) expect(outcome(method, { 'if-match': list })).toBe('goes on');
  });
  test.each([...OTHER, ...MALFORMED, 'W/"7"'])('given %s, then it is not', (list) => {
    for (const method of ['GET', ...WRITES]) expect(outcome(method, { 'if-match': list })).toBe('fails');
  });
});

describe('given If-None-Match', () => {
  test.each([...FITTING, 'W/"7"', '"6",W/"7"'])(
    'given %s, then a read is not modified, and no write happens',
    (list) => {
      expect(outcome('GET', { 'if-none-match': list })).toBe('not modified');
      for (const method of WRITES) expect(outcome(method, { 'if-none-match': list })).toBe('fails');
    },
  );
  test.each([...OTHER, ...MALFORMED])('given %s, then the request is performed', (list) => {
    for (const method of ['GET', ...WRITES])
      expect(outcome(method, { 'if-none-match': list })).toBe('goes on');
  });
});

test('given both, then If-Match comes first', () => {
  const both = (match: string, none: string) => outcome('GET', { 'if-match': match, 'if-none-match': none });
  expect([both('"7"', '"7"'), both('"7"', '"8"'), both('"8"', '"7"')]).toEqual([
    'not modified',
    'goes on',
    'fails',
  ]);
});

test('given no condition, then the request is performed', () => expect(outcome('PUT', {})).toBe('goes on'));
