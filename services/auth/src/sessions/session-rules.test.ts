import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { later, NOW, newUser } from '../../test/users.ts';
import { deriveSigningKey } from '../tokens/signing-keys.ts';
import { exceptSession } from '../users/user-sessions.ts';
import { createRefreshTokens, firstToken, newSalt, type RefreshToken, successorOf } from './refresh-token.ts';
import {
  ended,
  isEndedBy,
  judge,
  newSession,
  rotate,
  rotatesTooOften,
  sessionEnded,
} from './session-rules.ts';
import type { StoredSession } from './stored-session.ts';

const DAY_MS = 86_400_000;
const life = { sinceUseMs: 30 * DAY_MS, sinceLoginMs: 180 * DAY_MS };
const user = newUser({ token_version: 3 });
const device = { userAgent: 'a browser', address: '192.0.2.1' };

function begun(): { session: StoredSession; token: RefreshToken } {
  const _id = new ObjectId();
  const token = firstToken(_id.toHexString());
  return { token, session: newSession(_id, user, device, NOW, later(900_000), { token, life }) };
}

/** Rotates at each of these moments; `tokens` has the first token and all successors. */
function rotatedAt(...times: number[]): { session: StoredSession; tokens: RefreshToken[] } {
  const { session, token } = begun();
  const tokens = [token];
  const last = times.reduce((before, ms) => {
    const used = tokens.at(-1) ?? token;
    const salt = newSalt();
    tokens.push(successorOf(used, salt));
    return rotate(before, { used, salt, user, device }, life, later(ms + 900_000), later(ms));
  }, session);
  return { session: last, tokens };
}
const kindOf = (session: StoredSession, token: RefreshToken | undefined, ms: number) =>
  judge(session, token ?? expect.fail(), later(ms)).kind;

describe('a refresh token', () => {
  test('given the present one, then it is present; given one used up to 10 s ago, then the present one is known again', () => {
    const { session, tokens } = rotatedAt(0, 4_000, 8_000);
    expect(kindOf(session, tokens[3], 20_000)).toBe('present');
    for (const [n, until] of [10_000, 14_000, 18_000].entries()) {
      const token = tokens[n] ?? expect.fail();
      expect(judge(session, token, later(until))).toEqual({ kind: 'repeated', token: tokens[3] });
      expect(kindOf(session, token, until + 1)).toBe('stolen');
    }
  });

  test('given one used so long ago that its rotation is not kept, then it is stolen', () => {
    const { session, tokens } = rotatedAt(0, 60_000, 120_000);
    expect(session.rotations).toHaveLength(1);
    expect(kindOf(session, tokens[0], 120_001)).toBe('stolen');
    expect(kindOf(session, tokens[2], 120_001)).toBe('repeated');
  });

  test('given clocks of replicas that differ, then the chain of rotations stays whole', () => {
    const { session, tokens } = rotatedAt(5_000, 3_000, 14_500);
    expect(judge(session, tokens[0] ?? expect.fail(), later(14_600))).toEqual({
      kind: 'repeated',
      token: tokens[3],
    });
  });

  test('given a later one than the present, as after a restored backup, then it is invalid and nobody is accused', () => {
    const { session, tokens } = rotatedAt(0);
    expect(kindOf({ ...session, generation: 0, rotations: [] }, tokens[1], 60_000)).toBe('invalid');
  });

  test('given another secret of the same generation, then it is invalid', () => {
    const { session, tokens } = rotatedAt(0);
    const forged = (token: RefreshToken | undefined) => ({
      ...(token ?? expect.fail()),
      secret: firstToken(session._id.toHexString()).secret,
    });
    expect(kindOf(session, forged(tokens[1]), 1)).toBe('invalid');
    expect(kindOf(session, forged(tokens[0]), 1)).toBe('invalid');
  });

  test('given a session that is over, or has no refresh token, then every token is invalid', () => {
    const { session, token } = begun();
    expect(kindOf(session, token, 30 * DAY_MS - 1)).toBe('present');
    expect(kindOf(session, token, 30 * DAY_MS)).toBe('invalid');
    const tombstone = ended(session, sessionEnded(session, { now: NOW }), NOW);
    expect(kindOf(tombstone, token, 1)).toBe('invalid');
    expect(kindOf({ ...session, token_digest: null }, token, 1)).toBe('invalid');
  });
});

describe('a session', () => {
  test('given refreshes, then it ends 30 days after the last one, and 180 days after the login', () => {
    expect(begun().session.expires_at).toEqual(later(30 * DAY_MS));
    expect(rotatedAt(20 * DAY_MS).session.expires_at).toEqual(later(50 * DAY_MS));
    expect(rotatedAt(20 * DAY_MS, 170 * DAY_MS).session.expires_at).toEqual(later(180 * DAY_MS));
  });

  test('given a refresh, then its last access token is known with the time for a repeated answer', () => {
    expect(begun().session.tokens_expire_at).toEqual(later(900_000));
    expect(rotatedAt(60_000).session.tokens_expire_at).toEqual(later(60_000 + 900_000 + 10_000));
    expect(sessionEnded(rotatedAt(60_000).session, { now: NOW }).data).toMatchObject({
      until: later(970_000).getTime() / 1_000,
    });
  });

  test('given a hundred rotations within 10 s, then there are no more for a moment', () => {
    const { session } = rotatedAt(...Array.from({ length: 100 }, (_, n) => n * 50));
    expect(rotatesTooOften(session, later(10_000))).toBe(true);
    expect(rotatesTooOften(session, later(10_001))).toBe(false);
  });

  test('given a change of the user, then the sessions before it are over, except the one that made it', () => {
    const { session } = begun();
    const id = session._id.toHexString();
    expect(isEndedBy(user, session)).toBe(false);
    expect(isEndedBy({ ...user, token_version: 4, ...exceptSession(null, 4) }, session)).toBe(true);
    expect(isEndedBy({ ...user, token_version: 4, ...exceptSession(id, 4) }, session)).toBe(false);
    expect(isEndedBy({ ...user, token_version: 5, ...exceptSession('another', 5) }, session)).toBe(true);
    expect(isEndedBy({ ...user, deleted_at: NOW }, session)).toBe(true);
  });
});

describe('the text of a refresh token', () => {
  const [one, other] = ['one secret', 'another secret'].map(deriveSigningKey) as [
    ReturnType<typeof deriveSigningKey>,
    ReturnType<typeof deriveSigningKey>,
  ];
  const token = firstToken(new ObjectId().toHexString());

  test('given a rotation of SECRET_KEY, then replicas read each other’s tokens, and those of a key that is gone are invalid', () => {
    const before = createRefreshTokens([one], () => true);
    const early = createRefreshTokens([other, one], () => false);
    const late = createRefreshTokens([other, one], () => true);
    expect(early.write(token)).toBe(before.write(token));
    expect(late.write(token)).not.toBe(before.write(token));
    for (const { write } of [before, early, late]) expect(late.read(write(token))).toEqual(token);
    expect(before.read(late.write(token))).toBeUndefined();
    expect(createRefreshTokens([other], () => true).read(before.write(token))).toBeUndefined();
  });

  test('given any changed character, then it is invalid', () => {
    const { write, read } = createRefreshTokens([one], () => true);
    const text = write(token);
    for (let at = 0; at < text.length; at += 1) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      expect(read(changed), String(at)).toBeUndefined();
    }
  });
});
