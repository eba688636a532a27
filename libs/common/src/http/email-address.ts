/** Longest address the contract takes, in code points. */
export const EMAIL_MAX_LENGTH = 255;

// RFC 5322 dot-atom, with the letters and digits of RFC 6531 (internationalised addresses).
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN_LABEL = /^(?!-)[\p{L}\p{M}\p{N}-]{1,63}(?<!-)$/u;

/** An address as it is compared and stored: trimmed, in Unicode's composed form, lower-cased. */
export function normalizeEmail(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}

/**
 * What is wrong with a normalized address, in words for its owner, or undefined.
 * Quoted local parts and address literals, valid in RFC 5321 and used by nobody, are refused.
 */
export function emailFault(email: string): string | undefined {
  const at = email.lastIndexOf('@');
  if (at < 0) return 'An email address must have an @-sign.';
  const local = email.slice(0, at);
  const domain = email.slice(at + 1);
  if (local === '') return 'There must be something before the @-sign.';
  if (domain === '') return 'There must be something after the @-sign.';
  const excess = [...email].length - EMAIL_MAX_LENGTH;
  if (excess > 0) {
    return `The email address is too long (${excess} character${excess === 1 ? '' : 's'} too many).`;
  }
  if (local.startsWith('.')) return 'An email address cannot start with a period.';
  if (local.endsWith('.')) return 'An email address cannot have a period immediately before the @-sign.';
  if (email.includes('..')) return 'An email address cannot have two periods in a row.';
  if (!LOCAL_PART.test(local)) {
    return 'The email address contains invalid characters before the @-sign.';
  }
  const labels = domain.split('.');
  if (labels.length < 2) return 'The part after the @-sign is not valid. It should have a period.';
  if (!labels.every((label) => DOMAIN_LABEL.test(label))) return 'The part after the @-sign is not valid.';
  return undefined;
}
