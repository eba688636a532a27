import { type AppError, badRequest, forbidden, notAuthenticated, notFound } from '../errors.ts';
import type { Access, Caller } from './caller.ts';
import type { RevocationView } from './revocations.ts';
import type { AccessClaims, TokenVerifier } from './verifier.ts';

/** @throws {AppError} in order: 401 no token; 403 bad token; 404 deleted; 400 inactive; 403 no superuser */
export type Authorize = (access: Access, header: string | undefined) => Promise<Caller | undefined>;

/** Refuses a token that is malformed, expired, revoked, or of another key or purpose. */
export const badToken = (): AppError => forbidden('Could not validate credentials');

/** Makes the check from this process's keys and revocations, without a request to another service. */
export function createAuthorize(verifier: TokenVerifier, revocations: RevocationView): Authorize {
  return async (access, header) => {
    if (access === 'anyone') return undefined;
    const token = bearerToken(header);
    if (token === undefined) throw notAuthenticated();
    const claims = verifier.cached(token) ?? (await verifier.verify(token, 'access'));
    if (!claims) throw badToken();
    const caller = checkRevocations(callerOf(claims), revocations);
    if (access === 'superuser' && !caller.isSuperuser) {
      throw notPrivileged();
    }
    return caller;
  };
}

/** Refuses what only a superuser may do. */
export const notPrivileged = (): AppError => forbidden("The user doesn't have enough privileges");

/** Refuses a token whose user's document is gone. */
export const userGone = (): AppError => notFound('User not found');

/** Refuses a token whose user is deactivated. */
export const userInactive = (): AppError => badRequest('Inactive user');

export const ACCESS_REFUSALS: Record<Access, readonly (() => AppError)[]> = {
  anyone: [],
  user: [notAuthenticated, badToken, userGone, userInactive],
  superuser: [notAuthenticated, badToken, userGone, userInactive, notPrivileged],
};

/** Returns the credentials of RFC 6750's header, or undefined when there are none. */
export function bearerToken(header: string | undefined): string | undefined {
  const token = /^bearer +(.*)$/i.exec(header ?? '')?.[1]?.trim();
  return token === '' ? undefined : token;
}

const callerOf = ({ sub, sid, ver, iat, exp, superuser }: AccessClaims): Caller => ({
  userId: sub,
  sessionId: sid,
  isSuperuser: superuser,
  tokenVersion: ver,
  issuedAt: iat,
  expiresAt: exp,
});

/** Returns the caller with their present role. @throws {AppError} 403 revoked; 404 deleted; 400 inactive */
export function checkRevocations(caller: Caller, revocations: RevocationView): Caller {
  const { userId, sessionId, tokenVersion, issuedAt } = caller;
  // A broker that lost its data lost its revocations, so older tokens are not trusted.
  if (issuedAt < revocations.knownSince()) throw badToken();
  if (revocations.hasEnded(sessionId)) throw badToken();
  const revocation = revocations.get(userId);
  if (!revocation) return caller;
  if (tokenVersion < revocation.version && sessionId !== revocation.sparedSession) throw badToken();
  if (revocation.deleted) throw userGone();
  if (!revocation.isActive) throw userInactive();
  return revocation.isSuperuser === caller.isSuperuser
    ? caller
    : { ...caller, isSuperuser: revocation.isSuperuser };
}
