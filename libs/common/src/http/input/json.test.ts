import { describe, expect, test } from 'vitest';
import { cpuMs } from '../../../../../tests/support/cpu-time.ts';
import { parseJson } from './json.ts';

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('broken JSON', () => {
  test.each([
    ['', 0, 'Expecting value'],
    ['  \n', 3, 'Expecting value'],
    ['{', 1, 'Expecting property name enclosed in double quotes'],
    ['{a: 1}', 1, 'Expecting property name enclosed in double quotes'],
    ["{'a': 1}", 1, 'Expecting property name enclosed in double quotes'],
    ['{"a": 1,}', 8, 'Expecting property name enclosed in double quotes'],
    ['{"a" 1}', 5, "Expecting ':' delimiter"],
    ['{"a":}', 5, 'Expecting value'],
    ['{"a": 1 "b": 2}', 8, "Expecting ',' delimiter"],
    ['[1 2]', 3, "Expecting ',' delimiter"],
    ['[1,]', 3, 'Expecting value'],
    ['[,1]', 1, 'Expecting value'],
    ['[1}', 2, "Expecting ',' delimiter"],
    ['[1', 2, "Expecting ',' delimiter"],
    ['{} {}', 3, 'Extra data'],
    ['1 2', 2, 'Extra data'],
    ['01', 1, 'Extra data'],
    ['tru', 0, 'Expecting value'],
    ['"open', 0, 'Expecting value'],
    ['"\\x"', 0, 'Expecting value'],
    ['"a\tb"', 0, 'Expecting value'],
    ['NaN', 0, 'Expecting value'],
    ['-', 0, 'Expecting value'],
    ['[1.]', 2, "Expecting ',' delimiter"],
    ['{"😀" 1}', 6, "Expecting ':' delimiter"],
    ['{"\ud800" 1}', 5, "Expecting ':' delimiter"],
  ])('given %j, then the fault is at position %i: %s', (text, position, err) => {
    expect(parseJson(text)).toEqual({ fault: { position, error: err } });
  });
});

describe('nesting', () => {
  test('given 32 levels, then it is accepted', () => {
    expect(parseJson(nested(32))).toHaveProperty('value');
    expect(parseJson(`${'{"a":'.repeat(32)}1${'}'.repeat(32)}`)).toHaveProperty('value');
  });

  test('given 33 levels, then the 33rd is refused at its position', () => {
    expect(parseJson(nested(33))).toEqual({ fault: { position: 32, error: 'Nested deeper than 32 levels' } });
    expect(parseJson(`{"a":${nested(32)}}`)).toMatchObject({ fault: { position: 36 } });
  });

  test('given deep nesting beside a shallow value, then it is found', () => {
    expect(parseJson(`[1,"x",{"a":${nested(31)}}]`)).toHaveProperty('fault');
  });
});

describe('100 kB of hostile JSON', () => {
  test.each([
    ['opening brackets', '['.repeat(100_000)],
    ['balanced brackets', nested(50_000)],
    ['braces', '{"a":'.repeat(20_000)],
    ['quotes', '"'.repeat(100_000)],
    ['backslashes', `"${'\\'.repeat(99_999)}`],
    ['escapes without an end', `"${'\\u0041'.repeat(16_000)}`],
    ['an open string', `"${'a'.repeat(100_000)}`],
    ['spaces', ' '.repeat(100_000)],
    ['digits', `${'1'.repeat(100_000)}x`],
    ['commas', `[${'1,'.repeat(50_000)}`],
  ])('given %s, then it is refused in well under a second', (_name, text) => {
    const took = cpuMs(() => void expect(parseJson(text)).toHaveProperty('fault'));
    expect(took).toBeLessThan(500);
  });
});

/** A small generator with a seed, so that a failure can be repeated. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"a"',
  '""',
  '"\\n"',
  '"\\u00e9"',
  '"\\u12"',
  '"',
  '\\',
  '0',
  '1',
  '-',
  '.',
  'e',
].concat([
  'E+',
  '12.5',
  'true',
  'false',
  'null',
  'nul',
  ' ',
  '\n',
  '\t',
  '\u00a0',
  '\u2028',
  '😀',
  '\ud800',
  '\0',
  '/',
]);

function randomJson(random: (below: number) => number, levels: number): string {
  const kind = random(levels > 0 ? 6 : 4);
  const inner = () => Array.from({ length: random(4) }, () => randomJson(random, levels - 1));
  if (kind === 4) return `[${inner().join(' ,')}]`;
  if (kind === 5)
    return `{${inner()
      .map((value, index) => `"k${index}" : ${value}`)
      .join(',\n')}}`;
  return ['12', '-0.5e3', '"t\\\\x"', 'null'][kind] ?? 'true';
}

function isValid(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('against JSON.parse', () => {
  test('given thousands of random texts, then both agree on what is valid, and the value is the same', () => {
    const random = randomNumbers(20_261_123);
    const counts = { valid: 0, broken: 0 };
    for (let round = 0; round < 20_000; round += 1) {
      let text = Array.from({ length: 1 + random(6) }, () => TOKENS[random(TOKENS.length)]).join('');
      if (round % 2 === 0) {
        text = randomJson(random, 4);
        // Half of them with one character taken out or put in.
        const at = random(text.length + 1);
        if (round % 4 === 0)
          text = text.slice(0, at) + (TOKENS[random(TOKENS.length)] ?? '') + text.slice(at + random(2));
      }
      const parsed = parseJson(text);
      expect('value' in parsed, JSON.stringify(text)).toBe(isValid(text));
      counts['value' in parsed ? 'valid' : 'broken'] += 1;
      if ('value' in parsed) expect(parsed.value).toEqual(JSON.parse(text));
      // Behind a sound beginning, no fault lies at 0: that would be the fallback for what the scanner cannot find.
      const behind = parseJson(`[0,${text}]`);
      if ('fault' in behind) expect(behind.fault.position, JSON.stringify(text)).toBeGreaterThanOrEqual(3);
    }
    expect(Math.min(counts.valid, counts.broken)).toBeGreaterThan(3_000);
  });

  test('given deep but valid random texts with a broken end, then the end is named', () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 2_000; round += 1) {
      const text = randomJson(random, 5);
      expect(parseJson(`${text} ;`)).toEqual({ fault: { position: text.length + 1, error: 'Extra data' } });
    }
  });
});
