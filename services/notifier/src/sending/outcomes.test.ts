import { describe, expect, test } from 'vitest';
import { storedEmail } from '../../../../tests/support/queue.ts';
import { SmtpError, type SmtpFault } from '../smtp/smtp-fault.ts';
import { ATTEMPTS, outcomeOf, retryDelayMs } from './outcomes.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const ASK_AGAIN = new Date('2026-11-23T10:00:15.000Z');
const fault = (kind: SmtpFault) => new SmtpError(kind, new Error('in the words of the server'));
const outcome = (kind: SmtpFault, attempts: number, away: Date | 'blamed' = ASK_AGAIN) =>
  outcomeOf(fault(kind), storedEmail({ attempts }), away, NOW);

describe('the pauses between attempts', () => {
  test('then they grow from a second to an hour over twelve attempts', () => {
    const pauses = Array.from({ length: ATTEMPTS - 1 }, (_, attempts) => retryDelayMs(attempts));
    expect(pauses).toHaveLength(11);
    expect(pauses[0]).toBe(1_000);
    expect(pauses.at(-1)).toBeCloseTo(3_600_000, 3);
    for (const [at, pause] of pauses.slice(1).entries()) expect(pause).toBeGreaterThan(pauses[at] ?? 0);
  });

  test('given an e-mail that failed and is sent again, then they start again', () => {
    expect(retryDelayMs(ATTEMPTS)).toBe(1_000);
    expect(outcome('later', ATTEMPTS)).toMatchObject({ status: 'queued', counts: true });
    expect(outcome('later', 2 * ATTEMPTS - 1)).toMatchObject({ status: 'failed', counts: true });
  });
});

describe('what follows from a failure', () => {
  test.each([
    ['refused', 0, 'failed'],
    ['later', 0, 'queued'],
    ['later', 10, 'queued'],
    ['later', 11, 'failed'],
    ['unknown', 0, 'queued'],
    ['unknown', 11, 'failed'],
  ] as const)('given %s after %i attempts, then it is %s and counts', (kind, attempts, status) => {
    expect(outcome(kind, attempts)).toMatchObject({
      status,
      counts: true,
      error: expect.stringContaining('in the words of the server'),
    });
  });

  test('given a server that is away, then it does not count, however often', () => {
    for (const attempts of [0, 11]) {
      expect(outcome('away', attempts)).toMatchObject({
        status: 'queued',
        counts: false,
        dueAt: ASK_AGAIN,
        awayAt: NOW,
      });
    }
  });

  test('given a conversation that we ended before the server had all of it, then it is due at once and nothing counts', () => {
    for (const attempts of [0, 11]) {
      expect(outcome('stopped', attempts)).toEqual({
        status: 'queued',
        error: null,
        counts: false,
        dueAt: NOW,
      });
    }
  });

  test('given the e-mail is to blame, then it counts, and the next attempt is judged alone', () => {
    expect(outcome('away', 0, 'blamed')).toMatchObject({ status: 'queued', counts: true, awayAt: NOW });
    expect(outcome('away', 11, 'blamed')).toMatchObject({ status: 'failed', counts: true });
  });
});
