import * as z from 'zod';
import { line, type Row, testWordings } from '../../../test/wording-kit.ts';

const digit = z.int().min(0).max(9);

const types: Row[] = [
  ['string', line(), 5, 'string_type', 'Input should be a valid string'],
  ['boolean', z.boolean(), 'true', 'bool_type', 'Input should be a valid boolean'],
  ['integer of text', digit, '3', 'int_type', 'Input should be a valid integer'],
  ['integer of a boolean', digit, true, 'int_type', 'Input should be a valid integer'],
  ['integer of null', digit, null, 'int_type', 'Input should be a valid integer'],
  [
    'integer of a fraction',
    digit,
    1.5,
    'int_from_float',
    'Input should be a valid integer, got a number with a fractional part',
  ],
  ['number().int()', z.number().int(), '3', 'int_type', 'Input should be a valid integer'],
  ['int32', z.int32(), '3', 'int_type', 'Input should be a valid integer'],
  ['number', z.number(), '3', 'float_type', 'Input should be a valid number'],
  [
    'a coerced number',
    z.coerce.number(),
    'x',
    'float_parsing',
    'Input should be a valid number, unable to parse string as a number',
  ],
  [
    'a coerced integer',
    z.coerce.number().int(),
    'x',
    'int_parsing',
    'Input should be a valid integer, unable to parse string as an integer',
  ],
  ['date', z.date(), 5, 'datetime_type', 'Input should be a valid datetime'],
  [
    'a coerced date',
    z.coerce.date(),
    'x',
    'datetime_parsing',
    'Input should be a valid datetime, unable to parse string as a datetime',
    { error: 'unable to parse string as a datetime' },
  ],
  ['bigint', z.bigint(), true, 'int_type', 'Input should be a valid integer'],
  ['null', z.null(), 5, 'none_required', 'Input should be None'],
  ['list', z.array(z.int()), 5, 'list_type', 'Input should be a valid list'],
  ['tuple', z.tuple([z.int()]), 5, 'tuple_type', 'Input should be a valid tuple'],
  ['set', z.set(z.int()), 5, 'set_type', 'Input should be a valid set'],
  ['map', z.map(z.int(), z.int()), 5, 'dict_type', 'Input should be a valid dictionary'],
  ['record', z.record(line(), z.int()), [], 'dict_type', 'Input should be a valid dictionary'],
  [
    'object',
    z.object({ a: z.int() }),
    [],
    'model_attributes_type',
    'Input should be a valid dictionary or object to extract fields from',
  ],
  ['never', z.never(), 5, 'extra_forbidden', 'Extra inputs are not permitted'],
  ['undefined', z.undefined(), 5, 'extra_forbidden', 'Extra inputs are not permitted'],
  ['void', z.void(), 5, 'extra_forbidden', 'Extra inputs are not permitted'],
  [
    'an instance',
    z
      .int()
      .transform((): unknown => 'x')
      .pipe(z.unknown().pipe(z.instanceof(Date))),
    5,
    'is_instance_of',
    'Input should be an instance of Date',
    { class: 'Date' },
  ],
];

const values: Row[] = [
  [
    'enum',
    z.enum(['queued', 'sent', 'failed']),
    'x',
    'enum',
    "Input should be 'queued', 'sent' or 'failed'",
    { expected: "'queued', 'sent' or 'failed'" },
  ],
  ['enum of one', z.enum(['one']), 'x', 'enum', "Input should be 'one'", { expected: "'one'" }],
  ['literal', z.literal('one'), 'x', 'literal_error', "Input should be 'one'", { expected: "'one'" }],
  [
    'literals',
    z.literal(['one', 2, null]),
    'x',
    'literal_error',
    "Input should be 'one', 2 or null",
    { expected: "'one', 2 or null" },
  ],
  [
    'stringbool',
    line().pipe(z.stringbool()),
    'x',
    'bool_parsing',
    'Input should be a valid boolean, unable to interpret input',
  ],
  [
    'refine',
    z.int().refine(() => false, 'must be odd'),
    2,
    'value_error',
    'Value error, must be odd',
    { error: 'must be odd' },
  ],
  [
    'superRefine',
    z.int().superRefine((_value, ctx) => ctx.addIssue('must be odd')),
    2,
    'value_error',
    'Value error, must be odd',
    { error: 'must be odd' },
  ],
  [
    'what comes after a transform',
    line().transform(Number).pipe(z.int()),
    'x',
    'float_parsing',
    'Input should be a valid number, unable to parse string as a number',
  ],
];

testWordings([...types, ...values]);
