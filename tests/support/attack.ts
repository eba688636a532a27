import { expect } from 'vitest';
import type { Answer, Client } from './client.ts';
import type { FakeClock } from './fake-clock.ts';
import { type LimitedAuth, tryPassword } from './limits.ts';

export const WRONG = 'wrong pass';

export type Attack = { answers: Answer[]; all: Promise<Answer[]> };

export function atOnce(
  { replicas }: LimitedAuth,
  count: number,
  attempt: (auth: Client) => Promise<Answer>,
): Attack {
  const answers: Answer[] = [];
  const tries = Array.from({ length: count }, async (_, n) => {
    const answer = await attempt(replicas[n % 2 === 0 ? 0 : 1].client);
    answers.push(answer);
    return answer;
  });
  return { answers, all: Promise.all(tries) };
}

/** Tries wrong passwords for one e-mail address, each from a new IP address. */
export const attack = (auth: LimitedAuth, email: string, count: number): Attack =>
  atOnce(auth, count, (client) => tryPassword(client, email, WRONG));

/** Returns the sorted statuses, to compare with {@link times}. */
export const statuses = (answers: Answer[]): string =>
  answers
    .map(({ status }) => status)
    .toSorted()
    .join();

export const times = (status: number, count: number): number[] => Array(count).fill(status);

export async function letThemFinish(clock: FakeClock, all: Promise<Answer[]>): Promise<Answer[]> {
  let isOver = false;
  void all.then(() => {
    isOver = true;
  });
  await expect
    .poll(() => {
      clock.advance(1_000);
      return isOver;
    })
    .toBe(true);
  return all;
}
