import type { Grant } from './endpoints.ts';

/** Times are milliseconds since 1970. */
export type Tokens = { accessToken: string; receivedAt: number; expiresAt: number };

/** `fresh`: use it; `aging`: use it and refresh meanwhile; `old`: refresh first. */
export type Age = 'fresh' | 'aging' | 'old';

const LONGEST_MARGIN_MS = 60_000;

/** `askedAt` is before the request, so that the time of the answer's way counts as used. */
export const toTokens = ({ accessToken, expiresInSeconds }: Grant, askedAt: number): Tokens => ({
  accessToken,
  receivedAt: askedAt,
  expiresAt: askedAt + expiresInSeconds * 1_000,
});

export function ageOf({ receivedAt, expiresAt }: Tokens, now: number): Age {
  const margin = Math.min(LONGEST_MARGIN_MS, (expiresAt - receivedAt) / 5);
  const left = expiresAt - now;
  // A clock that was set back says nothing of what is left.
  if (now < receivedAt - margin || left <= margin / 4) return 'old';
  return left <= margin ? 'aging' : 'fresh';
}

/** Returns the user's id, or undefined when the token does not tell. */
export function userOf({ accessToken }: Tokens): unknown {
  try {
    const [, claims = ''] = accessToken.split('.');
    return JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))).sub;
  } catch {
    return undefined;
  }
}
