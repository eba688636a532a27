import type * as z from 'zod';

type FormatIssue = Extract<z.core.$ZodIssue, { code: 'invalid_format' }>;

/** Types and messages are pydantic's where it has them. */
export type Wording = { type: string; msg: string; ctx?: Record<string, unknown> };

/** Describes an error that a validator raised, as pydantic does. */
export const valueError = (error: string): Wording => ({
  type: 'value_error',
  msg: `Value error, ${error}`,
  ctx: { error },
});

const parsing = (type: string, what: string, error: string): Wording => ({
  type,
  msg: `Input should be ${what}, ${error}`,
  ctx: { error },
});
const address = (type: string, what: string): Wording => ({ type, msg: `Input is not a valid ${what}` });

/** Pydantic has no words for the other formats: it reports them as values that a validator refused. */
const FORMATS: Record<string, Wording> = {
  date: parsing('date_parsing', 'a valid date in the format YYYY-MM-DD', 'input is no such date'),
  datetime: parsing('datetime_parsing', 'a valid datetime', 'input is not in the format of ISO 8601'),
  time: parsing('time_parsing', 'in a valid time format', 'input is not in the format of ISO 8601'),
  duration: parsing('time_delta_parsing', 'a valid timedelta', 'input is not in the format of ISO 8601'),
  uuid: parsing('uuid_parsing', 'a valid UUID', 'unable to parse string as a UUID'),
  guid: parsing('uuid_parsing', 'a valid UUID', 'unable to parse string as a UUID'),
  url: parsing('url_parsing', 'a valid URL', 'unable to parse string as such a URL'),
  ipv4: address('ip_v4_address', 'IPv4 address'),
  ipv6: address('ip_v6_address', 'IPv6 address'),
  cidrv4: address('ip_v4_network', 'IPv4 network'),
  cidrv6: address('ip_v6_network', 'IPv6 network'),
  email: {
    type: 'value_error',
    msg: 'value is not a valid email address: The email address is not valid.',
    ctx: { reason: 'The email address is not valid.' },
  },
  json_string: {
    type: 'json_invalid',
    msg: 'Invalid JSON: unable to parse string',
    ctx: { error: 'unable to parse string' },
  },
};

const PATTERNS = [
  'regex',
  'lowercase',
  'uppercase',
  'starts_with',
  'ends_with',
  'includes',
  'template_literal',
];

const NAMES: Record<string, string> = {
  base64: 'base64',
  base64url: 'base64url',
  credit_card: 'credit card number',
  cuid: 'CUID',
  cuid2: 'CUID2',
  currency_code: 'currency code',
  e164: 'phone number in the format of E.164',
  emoji: 'emoji',
  hex: 'hexadecimal text',
  hostname: 'name of a host',
  iban: 'IBAN',
  jwt: 'JWT',
  ksuid: 'KSUID',
  mac: 'MAC address',
  nanoid: 'Nano ID',
  ulid: 'ULID',
  xid: 'XID',
};
const HASH = /^(md5|sha1|sha256|sha384|sha512)_(hex|base64|base64url)$/;

/** Tells whether a text's format has a wording. */
export const isWordedFormat = (format: string): boolean =>
  Object.hasOwn(FORMATS, format) ||
  Object.hasOwn(NAMES, format) ||
  PATTERNS.includes(format) ||
  HASH.test(format);

/** Describes a text that is not in its format; undefined for a format without a wording. */
export function wrongFormat(issue: FormatIssue): Wording | undefined {
  const { format } = issue;
  if (!isWordedFormat(format)) return undefined;
  if (PATTERNS.includes(format)) return mismatch(patternOf(issue));
  if (Object.hasOwn(FORMATS, format)) return FORMATS[format];
  return valueError(`value is not a valid ${NAMES[format] ?? format.replace('_', ' in ')}`);
}

const mismatch = (pattern: string): Wording => ({
  type: 'string_pattern_mismatch',
  msg: `String should match pattern '${pattern}'`,
  ctx: { pattern },
});

function patternOf(issue: FormatIssue): string {
  const escaped = (text: unknown) => String(text).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  if ('prefix' in issue) return `^${escaped(issue.prefix)}`;
  if ('suffix' in issue) return `${escaped(issue.suffix)}$`;
  if ('includes' in issue) return escaped(issue.includes);
  return (issue.pattern ?? '').replace(/^\/(.*)\/[a-z]*$/s, '$1');
}
