import { describe, expect, test } from 'vitest';
import type { EmailDocument, Observed, Receipt } from '../observing/observed.ts';
import { type Blow, checkEmails } from './check-emails.ts';
import { created, emailOf, eventOf, receiptAt, seen, USER, userDocument } from './test-worlds.ts';

const users = new Map([[USER, userDocument]]);
const events = new Map([[USER, [created]]]);

function check(email: EmailDocument | undefined, receipts: Receipt[], blows: Blow[] = []) {
  const emails = new Map(email ? [[email.id, email]] : []);
  const received = new Map(receipts.length > 0 ? [[created.id, receipts]] : []);
  return checkEmails(seen({ users, events, emails, receipts: received }), blows);
}

const sent = emailOf(created, 'welcome', 'sent');

test('given an e-mail that was sent and received, then there is no fault', () => {
  expect(check(sent, [receiptAt(created, 0)])).toEqual({ faults: [], excused: [], lost: [] });
});

test.each([
  ['it has no document', undefined],
  ['queued: null', { ...sent, status: 'queued' }],
  ['failed: null', { ...sent, status: 'failed' }],
  ['recorded as sent, and never received', sent],
  ['cancelled: null', { ...sent, status: 'cancelled' }],
  ['it became a farewell', { ...sent, kind: 'farewell' }],
])('given %s, then it is missing', (detail, email) => {
  expect(check(email, []).faults).toMatchObject([{ kind: 'email-missing', detail }]);
});

test('given a changed address, then the former one gets an e-mail, if the event says so, and nothing else', () => {
  const about = { user_id: USER, email: 'ada@new.example', is_active: true, is_superuser: false };
  const moved = (former: object) => {
    const event = eventOf('user.updated', USER, { ...about, changed: ['email'], ...former });
    const email = emailOf(event, 'email-changed', 'sent');
    const received = new Map([[event.id, [receiptAt(event, 0)]]]);
    const withEmail = { emails: new Map([[event.id, email]]), receipts: received };
    const check = (parts: object) =>
      checkEmails(seen({ users, events: new Map([[USER, [event]]]), ...parts }), []).faults;
    return { withMail: check(withEmail), without: check({}) };
  };
  const withEmail = moved({ previous_email: 'ada@example.com' });
  expect(withEmail).toMatchObject({ withMail: [], without: [{ kind: 'email-missing' }] });
  expect(moved({})).toMatchObject({ withMail: [{ kind: 'effect-doubled' }], without: [] });
  const both = moved({ previous_email: 'ada@example.com', is_verified: false });
  const missing = { kind: 'email-missing', about: expect.stringContaining('verify-email') };
  expect(both).toMatchObject({ withMail: [missing], without: [{ kind: 'email-missing' }, missing] });
});

test('given a deleted user, then any e-mail but the farewell may be cancelled', () => {
  const deleted = eventOf('user.deleted', USER, { user_id: USER, email: 'ada@example.com' });
  const observed = (email: EmailDocument, event: typeof created) =>
    seen({ events: new Map([[USER, [event]]]), emails: new Map([[email.id, email]]) });
  expect(checkEmails(observed({ ...sent, status: 'cancelled' }, created), []).faults).toEqual([]);
  const farewell = emailOf(deleted, 'farewell', 'cancelled');
  expect(checkEmails(observed(farewell, deleted), []).faults).toHaveLength(1);
});

describe('given an e-mail that arrived twice', () => {
  const receipts = [receiptAt(created, 100_000), receiptAt(created, 160_000)];
  const kill = (target: string, atMs: number): Blow => ({ kind: 'kill', target, atMs });

  test('then only a kill of its sender or receiver in between excuses it', () => {
    expect(check(sent, receipts).faults).toMatchObject([{ kind: 'email-doubled' }]);
    for (const late of [kill('notifier', 160_000), kill('mail', 160_000)]) {
      expect(check(sent, receipts, [late]).faults).toHaveLength(1);
    }
    expect(check(sent, receipts, [kill('mail', 99_999)]).faults).toHaveLength(1);
    expect(check(sent, receipts, [kill('database', 130_000)]).faults).toHaveLength(1);
    expect(check(sent, receipts, [kill('notifier', 130_000), kill('mail', 140_000)])).toEqual({
      faults: [],
      excused: [{ eventId: created.id, times: 2, killed: ['notifier', 'mail'] }],
      lost: [],
    });
    const thrice = [...receipts, receiptAt(created, 170_000)];
    expect(check(sent, thrice, [kill('notifier', 130_000)]).faults).toHaveLength(1);
  });

  test('then the death of its sender excuses it during the delivery', () => {
    expect(check(sent, receipts, [kill('notifier', 99_500)]).faults).toEqual([]);
    expect(check(sent, receipts, [kill('notifier', 98_000)]).faults).toHaveLength(1);
    const frozen = (target: string, atMs: number): Blow => ({ kind: 'freeze', target, atMs, forMs: 4_000 });
    const killed = kill('notifier', 96_500);
    expect(check(sent, receipts, [frozen('mail', 95_900), killed]).faults).toEqual([]);
    expect(check(sent, receipts, [frozen('mail', 94_000), killed]).faults).toHaveLength(1);
    expect(check(sent, receipts, [frozen('items', 95_900), killed]).faults).toHaveLength(1);
    expect(check(sent, receipts, [{ ...killed, goneForMs: 3_500 }]).faults).toEqual([]);
    expect(check(sent, receipts, [{ ...killed, goneForMs: 3_499 }]).faults).toHaveLength(1);
  });
});

test('given the broker lost the event before the notifier had handled it, then it may be missing, and is counted', () => {
  const lost = (consumer: string, parts: Partial<Observed>) =>
    checkEmails(
      seen({ users, events, unhandled: new Map([[consumer, new Set([created.id])]]), ...parts }),
      [],
    );
  expect(lost('notifier', {})).toEqual({ faults: [], excused: [], lost: [created.id] });
  expect(lost('items', {}).faults).toMatchObject([{ kind: 'email-missing' }]);
  // The notifier must finish an e-mail that it has begun.
  const emails = new Map([[sent.id, { ...sent, status: 'queued' }]]);
  expect(lost('notifier', { emails }).faults).toMatchObject([{ kind: 'email-missing' }]);
  const receipts = new Map([[created.id, [receiptAt(created, 0)]]]);
  expect(lost('notifier', { receipts }).faults).toMatchObject([{ kind: 'email-missing' }]);
});

test('given no event for an e-mail, then the e-mail is a fault', () => {
  const other = { ...sent, id: 'other' };
  const { faults } = checkEmails(seen({ users, emails: new Map([['other', other]]) }), []);
  expect(faults).toMatchObject([{ kind: 'effect-doubled', about: 'e-mail other' }]);
});
