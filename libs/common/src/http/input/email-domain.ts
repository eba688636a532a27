import { toASCII, toUnicode } from 'tr46';

// Two hyphens in the middle are left to DNS, where such names exist; those at an edge are refused below.
const RULES = { checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true };
const HYPHEN_AT_EDGE = /(^|\.)-|-(\.|$)/;
/** What every reader of URLs takes for an IPv4 address, or for a broken one (WHATWG URL, "ends in a number"). */
const ENDS_IN_NUMBER = /\.(\d+|0x[\da-f]*)$/;

const NOT_VALID = 'The part after the @-sign is not valid.';

/** A domain in the one form, or what is wrong with it in words for its owner. */
export type DomainReading = { domain: string; fault?: undefined } | { fault: string };

/**
 * Brings the domain of an address into one form: mapped by UTS 46 (non-transitional), in its Unicode spelling. However
 * a domain is spelled, whoever looks it up in DNS asks for the same name.
 */
export function readDomain(text: string): DomainReading {
  const { domain, error } = toUnicode(text, RULES);
  if (domain === '') return { fault: 'There must be something after the @-sign.' };
  if (domain.includes('..')) return { fault: 'An email address cannot have two periods in a row.' };
  if (!domain.includes('.')) return { fault: `${NOT_VALID} It should have a period.` };
  if (error || HYPHEN_AT_EDGE.test(domain) || asciiDomain(domain) === null) return { fault: NOT_VALID };
  if (ENDS_IN_NUMBER.test(domain)) return { fault: `${NOT_VALID} It should be a name, not an IP address.` };
  return { domain };
}

/** A domain as DNS knows it (`xn--...`), or null when it is none or too long for one. */
export const asciiDomain = (domain: string): string | null =>
  toASCII(domain, { ...RULES, verifyDNSLength: true });
