import * as z from 'zod';
import type { Model } from '../checks/model.ts';
import type { Sent } from './send.ts';

export type Holder = {
  token: string | undefined;
  /** A new password, a logout or a loss of the broker has ended these tokens. */
  formerTokens: string[];
  refreshToken?: string | undefined;
};

const claims = z.object({ iat: z.number(), sid: z.string() });

/** The token's time is in whole seconds, rounded down, so the result is too. */
export const issuedAtMs = (token: string): number => claimsOf(token).iat * 1_000;

export const sessionIdOf = (token: string): string => claimsOf(token).sid;

function claimsOf(token: string): z.output<typeof claims> {
  const [, payload = ''] = token.split('.');
  return claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
}

/** Drops a session that was refused without a logout; the check decides whether a loss excuses it. */
export function dropEnded(
  model: Model,
  holder: Holder,
  token: string | undefined,
  { status, text }: Extract<Sent, { kind: 'refused' }>,
  what: string,
): boolean {
  if (token === undefined || status !== 403 || !text.includes('Could not validate credentials')) return false;
  model.endedEarly.push({ what, issuedAtMs: issuedAtMs(token), atMs: Date.now() });
  if (!holder.formerTokens.includes(token)) holder.formerTokens.push(token);
  // Another request of the same user may have logged in again.
  if (holder.token === token) holder.token = undefined;
  if (holder.token === undefined) holder.refreshToken = undefined;
  return true;
}
