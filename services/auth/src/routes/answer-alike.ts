import { setTimeout as delay } from 'node:timers/promises';
import type { Background } from '../background.ts';

/** Every address gets its answer at a multiple of this time; limits and a write take less. */
const ANSWER_EVERY_MS = 100;
/** A timer may be this late. */
const TIMER_MS = 10;
/** By then requests of the same time are answered too, so that no moment shows a known address. */
const AFTER_ANSWER_MS = 50;

/** Returns after the same time for any address; the work that `store` returns comes after the answer. */
export async function answerAlike(
  background: Background,
  store: () => Promise<() => Promise<void>>,
): Promise<void> {
  const startedAt = performance.now();
  const answerTime = delay(ANSWER_EVERY_MS);
  const process = await store();
  await answerTime;
  const spentMs = performance.now() - startedAt;
  if (spentMs > ANSWER_EVERY_MS + TIMER_MS) await delay(ANSWER_EVERY_MS - (spentMs % ANSWER_EVERY_MS));
  background.run(delay(AFTER_ANSWER_MS * (1 + Math.random())).then(process));
}
