import { expect, test } from 'vitest';
import { storedEmail } from '../../../../tests/support/queue.ts';
import { GONE, leaseEnd } from '../emails/email.ts';
import { outcomeBefore } from './send-preconditions.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const PAUSE_MS = 60_000;
const first = { position: 'first', userIsGone: false, lastSentAt: null } as const;
const outcome = (findings: Partial<Parameters<typeof outcomeBefore>[0]>) =>
  outcomeBefore({ ...first, ...findings }, storedEmail({ last_error: 'as before' }), PAUSE_MS, NOW);

test('given the first e-mail to an address, then it may be sent', () => {
  expect(outcome({})).toBeUndefined();
});

test('given a lease that another process has by now, then the e-mail does not change', () => {
  expect(outcome({ position: 'lost', userIsGone: true })).toEqual({
    status: 'queued',
    error: 'as before',
    counts: false,
  });
});

test('given a deleted user, then the e-mail is cancelled, also while it waits for another one', () => {
  const cancelled = { status: 'cancelled', error: GONE, counts: false };
  expect(outcome({ userIsGone: true })).toEqual(cancelled);
  expect(outcome({ userIsGone: true, position: 'waits' })).toEqual(cancelled);
});

test('given an earlier e-mail to the address, then it waits, and is due again after a lease’s time', () => {
  expect(outcome({ position: 'waits' })).toEqual({
    status: 'queued',
    error: 'as before',
    counts: false,
    waits: true,
    dueAt: leaseEnd(NOW),
  });
});

test('given an e-mail of its kind 20 s ago, then it is due 60 s after that one', () => {
  expect(outcome({ lastSentAt: new Date(NOW.getTime() - 20_000) })).toEqual({
    status: 'queued',
    error: 'one of this kind was sent within 60 s',
    counts: false,
    dueAt: new Date(NOW.getTime() + 40_000),
  });
});

test('given both an earlier e-mail and one of its kind, then it waits for the earlier one', () => {
  expect(outcome({ position: 'waits', lastSentAt: NOW })).toMatchObject({
    waits: true,
    dueAt: leaseEnd(NOW),
  });
});
