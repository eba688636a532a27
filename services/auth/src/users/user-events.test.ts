import { expect, test } from 'vitest';
import { later, NOW, newUser } from '../../test/users.ts';
import { mayReportGuessing, mayRequestReset, resetRequested, userDeleted } from './user-events.ts';

const DAY_MS = 86_400_000;

test('given an active user, when the last warning is a day old or never happened, then it may be warned of guessing', () => {
  expect(mayReportGuessing(newUser(), NOW)).toBe(true);
  expect(mayReportGuessing(newUser({ guessing_told_at: NOW }), later(DAY_MS))).toBe(true);
});

test('given a warning within the day, or a deactivated user, then it is not warned', () => {
  expect(mayReportGuessing(newUser({ guessing_told_at: NOW }), later(DAY_MS - 1))).toBe(false);
  expect(mayReportGuessing(newUser({ is_active: false }), NOW)).toBe(false);
});

test('given a request in the outbox, then there is no second; another event does not prevent it', () => {
  const user = newUser();
  const [request, other] = [resetRequested(user, { now: NOW }), userDeleted(user, { now: NOW })];
  expect(mayRequestReset(user)).toBe(true);
  expect(mayRequestReset({ ...user, outbox: [other] })).toBe(true);
  expect(mayRequestReset({ ...user, outbox: [other, request] })).toBe(false);
  expect(mayRequestReset({ ...user, is_active: false })).toBe(false);
});
