import * as z from 'zod';
import { line, type Row, testWordings } from '../../../test/wording-kit.ts';

const digit = z.int().min(0).max(9);

const numbers: Row[] = [
  ['min', digit, -1, 'greater_than_equal', 'Input should be greater than or equal to 0', { ge: 0 }],
  ['max', digit, 10, 'less_than_equal', 'Input should be less than or equal to 9', { le: 9 }],
  ['gt', z.number().gt(3), 3, 'greater_than', 'Input should be greater than 3', { gt: 3 }],
  ['lt', z.number().lt(3), 3, 'less_than', 'Input should be less than 3', { lt: 3 }],
  [
    'a safe integer',
    z.int(),
    1e300,
    'less_than_equal',
    'Input should be less than or equal to 9007199254740991',
    { le: 9007199254740991 },
  ],
  ['uint32', z.uint32(), -1, 'greater_than_equal', 'Input should be greater than or equal to 0', { ge: 0 }],
  [
    'float32',
    z.float32(),
    1e300,
    'less_than_equal',
    'Input should be less than or equal to 3.4028234663852886e+38',
    { le: 3.4028234663852886e38 },
  ],
  [
    'multipleOf',
    z.number().multipleOf(5),
    3,
    'multiple_of',
    'Input should be a multiple of 5',
    { multiple_of: 5 },
  ],
  [
    'a large bigint',
    z
      .int()
      .transform(BigInt)
      .pipe(z.bigint().min(2n ** 64n)),
    5,
    'greater_than_equal',
    'Input should be greater than or equal to 18446744073709551616',
    { ge: '18446744073709551616' },
  ],
  [
    'a bigint’s multiple',
    z.int().transform(BigInt).pipe(z.bigint().multipleOf(5n)),
    3,
    'multiple_of',
    'Input should be a multiple of 5',
    { multiple_of: 5 },
  ],
  [
    'the earliest date',
    z.coerce.date().min(new Date(0)),
    '1969-01-01',
    'greater_than_equal',
    'Input should be greater than or equal to 1970-01-01T00:00:00.000Z',
    { ge: '1970-01-01T00:00:00.000Z' },
  ],
  [
    'the latest date',
    z.coerce.date().max(new Date(0)),
    '1971-01-01',
    'less_than_equal',
    'Input should be less than or equal to 1970-01-01T00:00:00.000Z',
    { le: '1970-01-01T00:00:00.000Z' },
  ],
];

const sizes: Row[] = [
  [
    'min of a string',
    line().min(2),
    'x',
    'string_too_short',
    'String should have at least 2 characters',
    { min_length: 2 },
  ],
  [
    'max of a string',
    line().max(1),
    'xx',
    'string_too_long',
    'String should have at most 1 character',
    { max_length: 1 },
  ],
  [
    'length of a string',
    line().length(2),
    'x',
    'string_too_short',
    'String should have at least 2 characters',
    { min_length: 2 },
  ],
  [
    'min of a list',
    z.array(z.int()).min(2),
    [1],
    'too_short',
    'List should have at least 2 items after validation, not 1',
    { field_type: 'List', min_length: 2, actual_length: 1 },
  ],
  [
    'max of a list',
    z.array(z.int()).max(1),
    [1, 2],
    'too_long',
    'List should have at most 1 item after validation, not 2',
    { field_type: 'List', max_length: 1, actual_length: 2 },
  ],
  [
    'length of a list',
    z.array(z.int()).length(1),
    [],
    'too_short',
    'List should have at least 1 item after validation, not 0',
    { field_type: 'List', min_length: 1, actual_length: 0 },
  ],
  [
    'a short tuple',
    z.tuple([z.int(), z.int()]),
    [1],
    'too_short',
    'List should have at least 2 items after validation, not 1',
    { field_type: 'List', min_length: 2, actual_length: 1 },
  ],
  [
    'a long tuple',
    z.tuple([z.int()]),
    [1, 2],
    'too_long',
    'List should have at most 1 item after validation, not 2',
    { field_type: 'List', max_length: 1, actual_length: 2 },
  ],
  [
    'max of a set',
    z
      .array(z.int())
      .transform((all) => new Set(all))
      .pipe(z.set(z.int()).max(1)),
    [1, 2],
    'too_long',
    'Set should have at most 1 item after validation, not 2',
    { field_type: 'Set', max_length: 1, actual_length: 2 },
  ],
];

testWordings([...numbers, ...sizes]);
