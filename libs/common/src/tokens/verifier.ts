import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import * as z from 'zod';
import { ID } from '../http/input/fields.ts';

/** `iss` of every token. */
export const ISSUER = 'quartet';

/** What a token is for (`aud`). */
export type Purpose = 'access' | 'link' | 'undo';

/** `aud` of a purpose: a token of one is worth nothing for the other. */
export const audienceOf = (purpose: Purpose): string => `${ISSUER}:${purpose}`;

/** Claims of every token: its user, and when it was made and ends, in seconds since the epoch. */
const commonClaims = { sub: z.string().regex(ID), iat: z.int().min(0), exp: z.int().min(0) };

/** Claims of an access token (RFC 7519): user, session, the user's token version, role. Times in seconds. */
export const accessClaims = z.object({
  ...commonClaims,
  // Part of a NATS key, in which dots separate.
  sid: z.string().regex(/^[\w-]{1,64}$/),
  ver: z.int().min(0),
  superuser: z.boolean(),
});

/** A value of {@link accessClaims}. */
export type AccessClaims = z.output<typeof accessClaims>;

/** Claims of a reset or invitation link: the user and a keyed fingerprint of what makes the link stale. */
export const linkClaims = z.object({ ...commonClaims, fpr: z.string() });

/** A value of {@link linkClaims}. */
export type LinkClaims = z.output<typeof linkClaims>;

/** Claims of a link that undoes a change of address: the user, and which change. */
export const undoClaims = z.object({ ...commonClaims, grant: z.string() });

/** A value of {@link undoClaims}. */
export type UndoClaims = z.output<typeof undoClaims>;

/** auth's public keys, as far as they are published now. */
export type Keys = {
  /** The key of a `kid`; undefined when it is not published. */
  find(kid: string): Promise<KeyObject | undefined>;
  /** Whether a key that was found is still published; synchronous. */
  has(kid: string): boolean;
};

/** Checks tokens against auth's public keys. */
export type TokenVerifier = {
  /** The claims of an access token that was verified before and has not expired. */
  cached(token: string): AccessClaims | undefined;
  /** The claims, or undefined when the token is malformed, expired, of another key or purpose. */
  verify(token: string, purpose: 'access'): Promise<AccessClaims | undefined>;
  verify(token: string, purpose: 'link'): Promise<LinkClaims | undefined>;
  verify(token: string, purpose: 'undo'): Promise<UndoClaims | undefined>;
};

const CACHE_LIMIT = 20_000;

/**
 * Verifies ES256 tokens; what was verified is remembered until it expires.
 * @param now milliseconds since the epoch
 */
export function createVerifier(keys: Keys, now: () => number = Date.now): TokenVerifier {
  const cache = new Map<string, { claims: AccessClaims; kid: string }>();

  const remember = (token: string, claims: AccessClaims, kid: string): void => {
    // A Map keeps its order of insertion: the first key is the oldest.
    const oldest = cache.keys().next();
    if (cache.size >= CACHE_LIMIT && !oldest.done) cache.delete(oldest.value);
    cache.set(token, { claims, kid });
  };

  async function verify(token: string, purpose: 'access'): Promise<AccessClaims | undefined>;
  async function verify(token: string, purpose: 'link'): Promise<LinkClaims | undefined>;
  async function verify(token: string, purpose: 'undo'): Promise<UndoClaims | undefined>;
  async function verify(
    token: string,
    purpose: Purpose,
  ): Promise<AccessClaims | LinkClaims | UndoClaims | undefined> {
    const parts = readParts(token);
    if (!parts) return undefined;
    const { kid } = parts.header;
    const key = await keys.find(kid);
    const payload = key && isSigned(token, key, purpose, now()) ? parts.payload : undefined;
    if (purpose === 'link') return linkClaims.safeParse(payload).data;
    if (purpose === 'undo') return undoClaims.safeParse(payload).data;
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

/**
 * The header that auth writes. Anything else would have to be understood: a critical extension (`crit`, RFC 7515, 4.1.11), an
 * unencoded payload (`b64`, RFC 7797), keys and their addresses (`jwk`, `jku`, `x5u`).
 */
const header = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.literal('JWT').optional(),
  kid: z.string().min(1),
});

/** One purpose a token: RFC 7519 would have a list of audiences too. */
const payload = z.looseObject({ aud: z.string() });

/** A token’s header and payload, before its signature is checked; undefined for what auth never writes. */
function readParts(
  token: string,
): { header: z.output<typeof header>; payload: z.output<typeof payload> } | undefined {
  const [first = '', second = ''] = token.split('.', 2);
  const parts = z
    .object({ header, payload })
    .safeParse({ header: readJson(first), payload: readJson(second) });
  return parts.data;
}

/**
 * A part’s JSON, if it is spelt as JSON.stringify spells it: a duplicate member (RFC 7519, 4) could be read in two ways.
 */
function readJson(part: string): unknown {
  const text = Buffer.from(part, 'base64url').toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
