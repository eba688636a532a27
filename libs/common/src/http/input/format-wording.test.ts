import * as z from 'zod';
import { line, type Row, testWordings } from '../../../test/wording-kit.ts';

const isoError = { error: 'input is not in the format of ISO 8601' };
const formatRow = (name: string, format: z.ZodType, words: string): Row => {
  const error = `value is not a valid ${words}`;
  return [name, line().check(format as never), 'ü', 'value_error', `Value error, ${error}`, { error }];
};
const pattern = (name: string, format: z.core.$ZodCheck<string>, sent: string, expected: string): Row => [
  name,
  line().check(format),
  sent,
  'string_pattern_mismatch',
  `String should match pattern '${expected}'`,
  { pattern: expected },
];

const formats: Row[] = [
  [
    'date',
    line().check(z.iso.date()),
    'x',
    'date_parsing',
    'Input should be a valid date in the format YYYY-MM-DD, input is no such date',
    { error: 'input is no such date' },
  ],
  [
    'datetime',
    line().check(z.iso.datetime()),
    'x',
    'datetime_parsing',
    'Input should be a valid datetime, input is not in the format of ISO 8601',
    isoError,
  ],
  [
    'time',
    line().check(z.iso.time()),
    'x',
    'time_parsing',
    'Input should be in a valid time format, input is not in the format of ISO 8601',
    isoError,
  ],
  [
    'duration',
    line().check(z.iso.duration()),
    'x',
    'time_delta_parsing',
    'Input should be a valid timedelta, input is not in the format of ISO 8601',
    isoError,
  ],
  [
    'uuid',
    line().check(z.uuid()),
    'x',
    'uuid_parsing',
    'Input should be a valid UUID, unable to parse string as a UUID',
    { error: 'unable to parse string as a UUID' },
  ],
  [
    'guid',
    line().check(z.guid()),
    'x',
    'uuid_parsing',
    'Input should be a valid UUID, unable to parse string as a UUID',
    { error: 'unable to parse string as a UUID' },
  ],
  [
    'url',
    line().check(z.url()),
    'x',
    'url_parsing',
    'Input should be a valid URL, unable to parse string as such a URL',
    { error: 'unable to parse string as such a URL' },
  ],
  [
    'httpUrl',
    line().check(z.httpUrl()),
    'ftp://x.example',
    'url_parsing',
    'Input should be a valid URL, unable to parse string as such a URL',
    { error: 'unable to parse string as such a URL' },
  ],
  ['ipv4', line().check(z.ipv4()), 'x', 'ip_v4_address', 'Input is not a valid IPv4 address'],
  ['ipv6', line().check(z.ipv6()), 'x', 'ip_v6_address', 'Input is not a valid IPv6 address'],
  ['cidrv4', line().check(z.cidrv4()), 'x', 'ip_v4_network', 'Input is not a valid IPv4 network'],
  ['cidrv6', line().check(z.cidrv6()), 'x', 'ip_v6_network', 'Input is not a valid IPv6 network'],
  [
    'email',
    line().check(z.email()),
    'x',
    'value_error',
    'value is not a valid email address: The email address is not valid.',
    { reason: 'The email address is not valid.' },
  ],
  pattern('regex', z.regex(/^a+$/i), 'b', '^a+$'),
  pattern('startsWith', z.startsWith('a.'), 'b', '^a\\.'),
  pattern('endsWith', z.endsWith('a'), 'b', 'a$'),
  pattern('includes', z.includes('a'), 'b', 'a'),
  pattern('lowercase', z.lowercase(), 'A', '^[^A-Z]*$'),
  pattern('uppercase', z.uppercase(), 'a', '^[^a-z]*$'),
  [
    'a template',
    line().pipe(z.templateLiteral(['a', z.int()])),
    'b',
    'string_pattern_mismatch',
    "String should match pattern '^a-?\\d+$'",
    { pattern: '^a-?\\d+$' },
  ],
  formatRow('base64', z.base64(), 'base64'),
  formatRow('base64url', z.base64url(), 'base64url'),
  formatRow('creditCard', z.creditCard(), 'credit card number'),
  formatRow('cuid', z.cuid(), 'CUID'),
  formatRow('cuid2', z.cuid2(), 'CUID2'),
  formatRow('e164', z.e164(), 'phone number in the format of E.164'),
  formatRow('emoji', z.emoji(), 'emoji'),
  formatRow('hash', z.hash('sha256'), 'sha256 in hex'),
  formatRow('hex', z.hex(), 'hexadecimal text'),
  formatRow('hostname', z.hostname(), 'name of a host'),
  formatRow('iban', z.iban(), 'IBAN'),
  formatRow('jwt', z.jwt(), 'JWT'),
  formatRow('ksuid', z.ksuid(), 'KSUID'),
  formatRow('mac', z.mac(), 'MAC address'),
  formatRow('nanoid', z.nanoid(), 'Nano ID'),
  formatRow('ulid', z.ulid(), 'ULID'),
  formatRow('xid', z.xid(), 'XID'),
];

testWordings(formats);
