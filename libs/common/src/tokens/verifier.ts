import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import * as z from 'zod';
import { ID } from '../http/input/fields.ts';

export const ISSUER = 'quartet';

export type Purpose = 'access' | 'link' | 'undo' | 'verification';

/** Returns the `aud` of a purpose; a token of one purpose is invalid for another. */
export const audienceOf = (purpose: Purpose): string => `${ISSUER}:${purpose}`;

/** Times are in seconds since the epoch. */
const commonClaims = { sub: z.string().regex(ID), iat: z.int().min(0), exp: z.int().min(0) };

/** `sid` is the session and `ver` the version of the user's tokens. */
export const accessClaims = z.object({
  ...commonClaims,
  // The session is part of a NATS key, in which dots separate.
  sid: z.string().regex(/^[\w-]{1,64}$/),
  ver: z.int().min(0),
  superuser: z.boolean(),
});

export type AccessClaims = z.output<typeof accessClaims>;

/** `fpr` is a keyed fingerprint of what makes the link stale. */
export const linkClaims = z.object({ ...commonClaims, fpr: z.string() });

export type LinkClaims = z.output<typeof linkClaims>;

/** `grant` names the change of address that the link undoes. */
export const undoClaims = z.object({ ...commonClaims, grant: z.string() });

export type UndoClaims = z.output<typeof undoClaims>;

/** `ver` is the version of the address that the link verifies. */
export const verificationClaims = z.object({ ...commonClaims, ver: z.int().min(0) });

export type VerificationClaims = z.output<typeof verificationClaims>;

export type Keys = {
  find(kid: string): Promise<KeyObject | undefined>;
  has(kid: string): boolean;
};

export type TokenVerifier = {
  /** It returns the claims of a token that was verified before and has not expired. */
  cached(token: string): AccessClaims | undefined;
  /** It returns undefined for a token that is malformed, expired, or of another key or purpose. */
  verify(token: string, purpose: 'access'): Promise<AccessClaims | undefined>;
  verify(token: string, purpose: 'link'): Promise<LinkClaims | undefined>;
  verify(token: string, purpose: 'undo'): Promise<UndoClaims | undefined>;
  verify(token: string, purpose: 'verification'): Promise<VerificationClaims | undefined>;
};

const CACHE_LIMIT = 20_000;

/** Verifies ES256 tokens and remembers them until they expire; `now` is in milliseconds since the epoch. */
export function createVerifier(keys: Keys, now: () => number = Date.now): TokenVerifier {
  const cache = new Map<string, { claims: AccessClaims; kid: string }>();

  const remember = (token: string, claims: AccessClaims, kid: string): void => {
    // A Map keeps its order of insertion, so the first key is the oldest.
    const oldest = cache.keys().next();
    if (cache.size >= CACHE_LIMIT && !oldest.done) cache.delete(oldest.value);
    cache.set(token, { claims, kid });
  };

  async function verify(token: string, purpose: 'access'): Promise<AccessClaims | undefined>;
  async function verify(token: string, purpose: 'link'): Promise<LinkClaims | undefined>;
  async function verify(token: string, purpose: 'undo'): Promise<UndoClaims | undefined>;
  async function verify(token: string, purpose: 'verification'): Promise<VerificationClaims | undefined>;
  async function verify(
    token: string,
    purpose: Purpose,
  ): Promise<AccessClaims | LinkClaims | UndoClaims | VerificationClaims | undefined> {
    const parts = readParts(token);
    if (!parts) return undefined;
    const { kid } = parts.header;
    const key = await keys.find(kid);
    const payload = key && isSigned(token, key, purpose, now()) ? parts.payload : undefined;
    if (purpose === 'link') return linkClaims.safeParse(payload).data;
    if (purpose === 'undo') return undoClaims.safeParse(payload).data;
    if (purpose === 'verification') return verificationClaims.safeParse(payload).data;
    const claims = accessClaims.safeParse(payload).data;
    if (claims) remember(token, claims, kid);
    return claims;
  }

  return {
    verify,
    cached(token) {
      const known = cache.get(token);
      if (!known) return undefined;
      // The tokens of a withdrawn key are invalid too.
      if (known.claims.exp * 1000 > now() && keys.has(known.kid)) return known.claims;
      cache.delete(token);
      return undefined;
    },
  };
}

function isSigned(token: string, key: KeyObject, purpose: Purpose, nowMs: number): boolean {
  try {
    jwt.verify(token, key, {
      algorithms: ['ES256'],
      issuer: ISSUER,
      audience: audienceOf(purpose),
      clockTimestamp: Math.floor(nowMs / 1000),
    });
    return true;
  } catch {
    return false;
  }
}

/** Other members would need support: `crit` (RFC 7515, 4.1.11), `b64` (RFC 7797), `jwk`, `jku`, `x5u`. */
const header = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.literal('JWT').optional(),
  kid: z.string().min(1),
});

/** A token has one purpose, though RFC 7519 allows a list of audiences. */
const payload = z.looseObject({ aud: z.string() });

/** The signature is not checked here. */
function readParts(
  token: string,
): { header: z.output<typeof header>; payload: z.output<typeof payload> } | undefined {
  const [first = '', second = ''] = token.split('.', 2);
  const parts = z
    .object({ header, payload })
    .safeParse({ header: readJson(first), payload: readJson(second) });
  return parts.data;
}

/** Only what JSON.stringify writes is valid: a duplicate member (RFC 7519, 4) could be read in two ways. */
function readJson(part: string): unknown {
  const text = Buffer.from(part, 'base64url').toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
