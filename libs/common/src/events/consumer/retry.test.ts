import { expect, test } from 'vitest';
import { DEFAULT_RETRY, retryPauseMs } from './retry.ts';

const attempts = Array.from({ length: DEFAULT_RETRY.attempts - 1 }, (_, n) => n + 1);

test('given the default policy, then pauses grow from 1 s to 1 h, each between its half and its whole', () => {
  const whole = attempts.map((attempt) => Math.min(1_000 * 3_600 ** ((attempt - 1) / 10), 3_600_000));
  for (let round = 0; round < 200; round += 1) {
    for (const [n, attempt] of attempts.entries()) {
      const pauseMs = retryPauseMs(DEFAULT_RETRY, attempt);
      expect(pauseMs).toBeGreaterThanOrEqual(Math.floor((whole[n] ?? 0) / 2));
      expect(pauseMs).toBeLessThanOrEqual(Math.ceil(whole[n] ?? 0));
    }
  }
});

test('given messages that failed together, then their pauses differ', () => {
  expect(new Set(attempts.map(() => retryPauseMs(DEFAULT_RETRY, 5))).size).toBeGreaterThan(5);
});

test.each([
  ['one attempt', { attempts: 1, firstDelayMs: 100, longestDelayMs: 1_000 }, 1, 100],
  ['two', { attempts: 2, firstDelayMs: 100, longestDelayMs: 1_000 }, 1, 100],
  ['a longest below the first', { attempts: 5, firstDelayMs: 100, longestDelayMs: 10 }, 3, 100],
  ['an attempt beyond the last', { attempts: 3, firstDelayMs: 100, longestDelayMs: 1_000 }, 30, 1_000],
])('given %s, then the pause is within its bounds', (_name, policy, attempt, wholeMs) => {
  const pauseMs = retryPauseMs(policy, attempt);
  expect(pauseMs).toBeGreaterThanOrEqual(wholeMs / 2);
  expect(pauseMs).toBeLessThanOrEqual(wholeMs);
});
