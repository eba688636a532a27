import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../tests/support/quantile.ts';
import { type Row, spread } from '../figures.ts';
import type { Stack } from '../stack.ts';
import { type Asker, createAsker } from './asker.ts';

/** More frequent questions would slow down the measured logout. */
const PACE_MS = 10;
const REFUSED_WITHIN_MS = 10_000;

/** All times of one replica in one round are in milliseconds. */
type Refusal = {
  sinceSent: number;
  /** It is 0 when the first question after the logout's answer was refused. */
  sinceAnswer: number;
  /** These questions were sent after the logout's answer and still accepted. */
  accepted: number;
  gaps: number[];
};

export async function measureLogouts(stack: Stack, rounds: number, signal: AbortSignal): Promise<Row[]> {
  const askers = stack.items.map(({ url }) => createAsker(url));
  const refusals: Refusal[] = [];
  const logouts: number[] = [];
  try {
    // The first logout does not count: it opens the connections.
    await logOutOnce(stack, askers);
    while (logouts.length < rounds) {
      signal.throwIfAborted();
      const { logoutMs, asked } = await logOutOnce(stack, askers);
      logouts.push(logoutMs);
      refusals.push(...asked);
    }
  } finally {
    for (const asker of askers) asker.close();
  }
  const gaps = refusals.flatMap((refusal) => refusal.gaps);
  const late = refusals.filter(({ accepted }) => accepted > 0);
  const share = ((100 * late.length) / refusals.length).toFixed(2);
  const most = Math.max(0, ...late.map(({ accepted }) => accepted));
  const resolution = (share: number) => `${quantile(gaps, share).toFixed(1)} ms`;
  return [
    ['logout: sent -> answered', spread(logouts)],
    ['logout: sent -> first refusal', spread(refusals.map(({ sinceSent }) => sinceSent))],
    ['logout: answered -> first refusal', spread(refusals.map(({ sinceAnswer }) => sinceAnswer))],
    [
      'logout: accepted after the answer',
      `${late.length} of ${refusals.length} (${share} %), at most ${most} times each`,
    ],
    ['logout: a replica is asked every', `${resolution(0.5)} (p99 ${resolution(0.99)})`],
  ];
}

async function logOutOnce(stack: Stack, askers: Asker[]) {
  const token = await stack.logIn();
  // After this, every replica has the token in its cache.
  const taken = await Promise.all(askers.map((asker) => asker.accepts(token)));
  if (taken.includes(false)) throw new Error('a new token was refused');
  const sentAt = performance.now();
  let answeredAt: number | undefined;
  const answer = stack.logOut(token).then(() => {
    answeredAt = performance.now();
  });
  const logout = { sentAt, answer, answeredAt: () => answeredAt };
  const [asked] = await Promise.all([
    Promise.all(
      askers.map(async (asker, n) => {
        // The questions are staggered so that they do not delay the logout together.
        await Promise.race([delay((PACE_MS * (n + 1)) / askers.length), answer]);
        return askUntilRefused(asker, token, logout);
      }),
    ),
    answer,
  ]);
  return { logoutMs: (answeredAt ?? Number.NaN) - sentAt, asked };
}

async function askUntilRefused(
  asker: Asker,
  token: string,
  logout: { sentAt: number; answer: Promise<void>; answeredAt: () => number | undefined },
): Promise<Refusal> {
  const gaps: number[] = [];
  let refusedAt: number | undefined;
  let accepted = 0;
  let askedAt = logout.sentAt;
  while (askedAt < logout.sentAt + REFUSED_WITHIN_MS) {
    const now = performance.now();
    gaps.push(now - askedAt);
    askedAt = now;
    const isAfterwards = logout.answeredAt() !== undefined;
    if (await asker.accepts(token)) {
      if (refusedAt !== undefined) throw new Error('a token that was refused was accepted again');
      if (isAfterwards) accepted += 1;
    } else {
      refusedAt ??= performance.now();
      if (isAfterwards) {
        const sinceAnswer = accepted > 0 ? refusedAt - (logout.answeredAt() ?? refusedAt) : 0;
        return { sinceSent: refusedAt - logout.sentAt, sinceAnswer, accepted, gaps };
      }
    }
    if (logout.answeredAt() === undefined) await Promise.race([delay(PACE_MS), logout.answer]);
  }
  throw new Error(`a replica still accepts a token ${REFUSED_WITHIN_MS} ms after its logout`);
}
