import { toASCII, toUnicode } from 'tr46';
import * as z from 'zod';
import { boundedString, codePoints, isLonger } from './bounds.ts';
import { report } from './fields.ts';
import type { Wording } from './format-wording.ts';

/** The limit is in code points as sent. */
export const EMAIL_MAX_LENGTH = 255;
/** Longer input, with the spaces around it, is refused unread. */
export const TYPED_MAX_LENGTH = 1_024;
/** RFC 5321, 4.5.3.1.3: a path has 256 octets, two of them its brackets. */
const SMTP_MAX_OCTETS = 254;

// This is RFC 5322's dot-atom, with the letters and digits of RFC 6531.
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const NOT_ASCII = /[^\0-\x7f]/;

/** Makes a schema that brings an e-mail address into the form in which it is compared and stored. */
export function email() {
  return boundedString((ctx) => {
    if (isLonger(ctx.value, TYPED_MAX_LENGTH)) report(ctx, emailFault(tooLongByCharacters(ctx.value)));
  })
    .meta({ format: 'email', maxLength: EMAIL_MAX_LENGTH })
    .transform((value, ctx) => {
      const read = readEmail(value);
      if (read.fault === undefined) return read.email;
      report(ctx, emailFault(read.fault));
      return z.NEVER;
    });
}

export type EmailReading = { email: string; fault?: undefined } | { fault: string };

/** Brings an address into its stored form; quoted local parts and address literals (RFC 5321) are refused. */
export function readEmail(text: string): EmailReading {
  const typed = text.trim();
  // Normalizing a long text can take seconds.
  if (codePoints(typed) > EMAIL_MAX_LENGTH) return { fault: tooLongByCharacters(typed) };
  const at = typed.lastIndexOf('@');
  if (at < 0) return { fault: 'An email address must have an @-sign.' };
  const local = fold(typed.slice(0, at));
  const fault = localFault(local);
  if (fault !== undefined) return { fault };
  const read = readDomain(typed.slice(at + 1));
  if (read.fault !== undefined) return read;
  const email = `${local}@${read.domain}`;
  const given = smtpAddress(email);
  const excess = Buffer.byteLength(given) - SMTP_MAX_OCTETS;
  if (excess > 0) return { fault: tooLong(excess, NOT_ASCII.test(given) ? 'byte' : 'character') };
  return { email };
}

/** Brings an address into its stored form; text that has none gets its {@link spellingOf}. */
export function normalizeEmail(text: string): string {
  const read = readEmail(text);
  return read.fault === undefined ? read.email : spellingOf(text);
}

/** Lists how an address may be stored, likelier first: in the form, or as an earlier release spelled it. */
export function storedAs(text: string): [string, ...string[]] {
  const [form, spelling] = [normalizeEmail(text), spellingOf(text)];
  // Of two accounts that one mailbox had, its own spelling names one.
  if (form === spelling) return [form];
  return normalizeEmail(spelling) === form ? [spelling, form] : [form, spelling];
}

/** Tells whether two addresses, each in the form or not, mean one mailbox. */
export const isSameMailbox = (one: string, other: string): boolean =>
  normalizeEmail(one) === normalizeEmail(other);

/** Spells an address as earlier releases stored it: trimmed, composed, lower-cased, its domain unchanged. */
export function spellingOf(text: string): string {
  const typed = text.trim();
  return typed.length > 2 * EMAIL_MAX_LENGTH ? typed : fold(typed);
}

/** Converts an address for SMTP: its domain is in ASCII, unless the local part needs SMTPUTF8 (RFC 6531). */
export function smtpAddress(email: string): string {
  const at = email.lastIndexOf('@');
  const local = email.slice(0, at);
  const domain = NOT_ASCII.test(local) ? null : asciiDomain(email.slice(at + 1));
  return domain === null ? email : `${local}@${domain}`;
}

/** Look-alikes in the local part stay different: its mail server decides what they mean. */
const fold = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC');

function localFault(local: string): string | undefined {
  if (local === '') return 'There must be something before the @-sign.';
  if (local.startsWith('.')) return 'An email address cannot start with a period.';
  if (local.endsWith('.')) return 'An email address cannot have a period immediately before the @-sign.';
  if (local.includes('..')) return 'An email address cannot have two periods in a row.';
  if (!LOCAL_PART.test(local)) return 'The email address contains invalid characters before the @-sign.';
  return undefined;
}

/** Describes the fault of an address with more than {@link EMAIL_MAX_LENGTH} characters. */
export const tooLongByCharacters = (typed: string): string =>
  tooLong(codePoints(typed) - SMTP_MAX_OCTETS, 'character');

const tooLong = (excess: number, unit: string): string =>
  `The email address is too long (${excess} ${unit}${excess === 1 ? '' : 's'} too many).`;

function emailFault(reason: string): Wording {
  return { type: 'value_error', msg: `value is not a valid email address: ${reason}`, ctx: { reason } };
}

// DNS has names with two hyphens in the middle; hyphens at an edge are refused below.
const RULES = { checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true };
const HYPHEN_AT_EDGE = /(^|\.)-|-(\.|$)/;
/** Every URL parser takes such a name for an IPv4 address (WHATWG URL, "ends in a number"). */
const ENDS_IN_NUMBER = /\.(\d+|0x[\da-f]*)$/;

const NOT_VALID = 'The part after the @-sign is not valid.';

type DomainReading = { domain: string; fault?: undefined } | { fault: string };

/** All spellings of a domain are one name in DNS (UTS 46, non-transitional). */
function readDomain(text: string): DomainReading {
  const { domain, error } = toUnicode(text, RULES);
  if (domain === '') return { fault: 'There must be something after the @-sign.' };
  if (domain.includes('..')) return { fault: 'An email address cannot have two periods in a row.' };
  if (!domain.includes('.')) return { fault: `${NOT_VALID} It should have a period.` };
  if (error || HYPHEN_AT_EDGE.test(domain) || asciiDomain(domain) === null) return { fault: NOT_VALID };
  if (ENDS_IN_NUMBER.test(domain)) return { fault: `${NOT_VALID} It should be a name, not an IP address.` };
  return { domain };
}

/** Writes a domain as DNS knows it (`xn--...`); null when it is invalid or too long. */
export const asciiDomain = (domain: string): string | null =>
  toASCII(domain, { ...RULES, verifyDNSLength: true });
