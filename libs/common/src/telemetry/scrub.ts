import { isIPv6 } from 'node:net';

const LONGEST = 2_000;

/** What must not leave in a report, and what stands in its place. The order counts: a login in a URL looks like an address. */
const RULES: [RegExp, string][] = [
  [/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, '[token]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [token]'],
  [/:\/\/[^\s/]+@/g, '://[login]@'],
  [/[^\s<>"'(){}[\],:;=@]+@[^\s<>"'(){}[\],:;@]+\.[^\s<>"'(){}[\],:;@.]+/g, '[address]'],
  [
    /\b(password|token|secret|authorization|cookie)(["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;}&]+(?: \[token\])?)/gi,
    '$1$2[secret]',
  ],
  [/\b\d{1,3}(\.\d{1,3}){3}\b/g, '[ip]'],
];

/**
 * A text without e-mail addresses, IP addresses, tokens, logins in URLs and values of what is called a password: errors
 * of others quote what they were given, as the database does with a key that exists already. A long text is cut.
 */
export function scrub(text: string): string {
  // Half an address would not be known for one.
  const short = text.length > LONGEST ? text.slice(0, LONGEST).replace(/\S*$/, '') : text;
  const cleaned = RULES.reduce((so, [pattern, instead]) => so.replace(pattern, instead), short);
  return cleaned.replace(/[0-9a-f]*:[0-9a-f:]+/gi, (it) => (isIPv6(it) ? '[ip]' : it));
}
