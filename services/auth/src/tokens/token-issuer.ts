import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AccessClaims, audienceOf, ISSUER, type Purpose } from '@quartet/common/tokens/verifier.ts';
import jwt from 'jsonwebtoken';
import { UNDO_SECONDS } from '../links/undo-grants.ts';
import type { UndoGrant, User } from '../users/user.ts';
import type { SigningKey } from './signing-keys.ts';

/** `expiresAt` is in seconds since the epoch. */
export type AccessToken = { token: string; expiresAt: number };

export type TokenIssuer = {
  accessToken(user: User, sessionId: string, lifeSeconds: number): AccessToken;
  /** The token is valid from `issuedAt` on, until the user's password or address changes. */
  linkToken(user: User, issuedAt: Date): string;
  /** The token is valid from `issuedAt` on, until the user's address changes. */
  verificationToken(user: User, issuedAt: Date): string;
  undoToken(userId: string, grant: UndoGrant): string;
  /** Compares in constant time. */
  isFresh(fingerprint: string, user: User): boolean;
};

/** The second key signs until `isRolledOut`; `goodSince` is the least `iat`, in seconds since the epoch. */
export function createTokenIssuer(
  keys: [SigningKey, ...SigningKey[]],
  life: { linkSeconds: number },
  isRolledOut: () => boolean,
  goodSince: () => number,
): TokenIssuer {
  const [current, previous = current] = keys;
  const signing = (): SigningKey => (isRolledOut() ? current : previous);
  const sign = (
    { privateKey, jwk }: SigningKey,
    claims: object,
    subject: string,
    purpose: Purpose,
    expiresIn: number,
  ): string =>
    jwt.sign(claims, privateKey, {
      algorithm: 'ES256',
      keyid: jwk.kid,
      issuer: ISSUER,
      audience: audienceOf(purpose),
      subject,
      expiresIn,
    });

  return {
    accessToken(user, sid, lifeSeconds) {
      const claims: Pick<AccessClaims, 'sid' | 'ver' | 'superuser' | 'iat'> = {
        sid,
        ver: user.token_version,
        superuser: user.is_superuser,
        iat: Math.max(Math.floor(Date.now() / 1000), goodSince()),
      };
      const token = sign(signing(), claims, user._id.toHexString(), 'access', lifeSeconds);
      return { token, expiresAt: claims.iat + lifeSeconds };
    },
    linkToken(user, issuedAt) {
      const key = signing();
      const claims = {
        fpr: fingerprint(key.fingerprintKey, user).toString('base64url'),
        iat: Math.floor(issuedAt.getTime() / 1000),
      };
      return sign(key, claims, user._id.toHexString(), 'link', life.linkSeconds);
    },
    verificationToken(user, issuedAt) {
      const claims = { ver: user.email_version, iat: Math.floor(issuedAt.getTime() / 1000) };
      return sign(signing(), claims, user._id.toHexString(), 'verification', life.linkSeconds);
    },
    undoToken(userId, { event_id, at }) {
      const claims = { grant: event_id, iat: Math.floor(at.getTime() / 1000) };
      return sign(signing(), claims, userId, 'undo', UNDO_SECONDS);
    },
    isFresh(given, user) {
      const bytes = Buffer.from(given, 'base64url');
      const spellings = [user.email, user.spelled_before ?? user.email];
      return keys
        .flatMap(({ fingerprintKey }) =>
          spellings.map((email) => fingerprint(fingerprintKey, { ...user, email })),
        )
        .some((own) => own.length === bytes.length && timingSafeEqual(own, bytes));
    },
  };
}

function fingerprint(key: Buffer, user: User): Buffer {
  return createHmac('sha256', key)
    .update(`${user.hashed_password}\n${user.email_version}\n${user.email}`)
    .digest();
}
