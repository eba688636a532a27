export type FaultEntry = {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
};

export const REDACTED = '[redacted]';

/** Each code point takes two UTF-16 units. */
export const emoji = (codePoints: number): string => '😀'.repeat(codePoints);

const inBody =
  (type: string, msg: string, ctx?: Record<string, unknown>) => (field: string, input: unknown) => ({
    type,
    loc: ['body', field],
    msg,
    input,
    ...(ctx ? { ctx } : {}),
  });

const characters = (count: number) => `${count} character${count === 1 ? '' : 's'}`;

/** `around` is the object that lacks the field, or null for a form. */
export const missing = (field: string, around: unknown): FaultEntry =>
  inBody('missing', 'Field required')(field, around);

export const noBody: FaultEntry = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };

export const notText = inBody('string_type', 'Input should be a valid string');

export const notFlag = inBody('bool_type', 'Input should be a valid boolean');

export const hasNul = inBody('value_error', 'Value error, text must not contain a NUL character', {
  error: 'text must not contain a NUL character',
});

export const brokenText = inBody(
  'string_unicode',
  'Input should be a valid string, unable to parse raw data as a unicode string',
);

export const tooShort = (min: number) =>
  inBody('string_too_short', `String should have at least ${characters(min)}`, { min_length: min });

export const tooLong = (max: number) =>
  inBody('string_too_long', `String should have at most ${characters(max)}`, { max_length: max });

export const badEmail = (reason: string) =>
  inBody('value_error', `value is not a valid email address: ${reason}`, { reason });

export const notObject = (input: unknown): FaultEntry => ({
  type: 'model_attributes_type',
  loc: ['body'],
  msg: 'Input should be a valid dictionary or object to extract fields from',
  input,
});

const inQuery =
  (type: string, msg: string, ctx?: Record<string, unknown>) => (field: string, input: string) => ({
    type,
    loc: ['query', field],
    msg,
    input,
    ...(ctx ? { ctx } : {}),
  });

const notWhole = inQuery(
  'int_parsing',
  'Input should be a valid integer, unable to parse string as an integer',
);
const below = (ge: number) =>
  inQuery('greater_than_equal', `Input should be greater than or equal to ${ge}`, { ge });
const above = (le: number) =>
  inQuery('less_than_equal', `Input should be less than or equal to ${le}`, { le });

/** Every list refuses these queries with these entries. */
export const pageFaults: { query: string; faults: FaultEntry[] }[] = [
  { query: 'skip=-1', faults: [below(0)('skip', '-1')] },
  { query: 'skip=abc', faults: [notWhole('skip', 'abc')] },
  { query: 'skip=1.5', faults: [notWhole('skip', '1.5')] },
  { query: 'skip=', faults: [notWhole('skip', '')] },
  { query: 'skip=0x10', faults: [notWhole('skip', '0x10')] },
  { query: 'skip=2147483648', faults: [above(2_147_483_647)('skip', '2147483648')] },
  { query: 'limit=0', faults: [below(1)('limit', '0')] },
  { query: 'limit=-1', faults: [below(1)('limit', '-1')] },
  { query: 'limit=1001', faults: [above(1000)('limit', '1001')] },
  { query: 'limit=abc', faults: [notWhole('limit', 'abc')] },
  { query: 'limit=99999999999999999999999', faults: [above(1000)('limit', '99999999999999999999999')] },
  { query: 'limit=5&limit=0', faults: [below(1)('limit', '0')] },
  { query: 'skip=x&limit=0', faults: [notWhole('skip', 'x'), below(1)('limit', '0')] },
];

export const goodPages: string[] = [
  '',
  '?',
  '?skip=0&limit=1',
  '?skip=-0',
  '?limit=1000',
  '?skip=2147483647&limit=1000',
  '?limit=0&limit=3',
  '?unknown=1',
];
