import type { DomainEvent } from '@quartet/common/events/envelope.ts';
import type { EmailDocument, Observed, Receipt } from '../observing/observed.ts';
import type { Fault } from './faults.ts';

/** What was done to a process, and when; a freeze lasts `forMs`, and who was killed had no successor for `goneForMs`. */
export type Blow = {
  kind: 'kill' | 'freeze' | 'erase';
  target: string;
  atMs: number;
  forMs?: number;
  goneForMs?: number;
};

/** An e-mail that the SMTP server has more than once, and whose death may be why. */
export type Doubled = { eventId: string; times: number; killed: string[] };

const WITH_LINK = new Set(['invitation', 'password-recovery']);
/** What the notifier has sent lies in the SMTP server's socket for so long, and while that is frozen. */
const ON_ITS_WAY_MS = 1_000;

/**
 * Checks that every event that causes an e-mail has caused one, which has reached the SMTP server once. Each further
 * copy is excused, and returned, by a kill of who gives the 250 after the first copy, or of who records it after that was
 * on its way. So is an e-mail, by the id of its event, that the notifier has never begun, as the broker lost the event.
 */
export function checkEmails(
  observed: Observed,
  blows: readonly Blow[],
): { faults: Fault[]; excused: Doubled[]; lost: string[] } {
  const { emails, receipts } = observed;
  const faults: Fault[] = [];
  const excused: Doubled[] = [];
  const lost: string[] = [];
  const wanted = new Set<string>();
  for (const event of [...observed.events.values()].flat()) {
    const kind = emailKindOf(event);
    if (!kind) continue;
    wanted.add(event.id);
    const about = `${kind} about user ${event.subject} (event ${event.id})`;
    const email = emails.get(event.id);
    const copies = receipts.get(event.id) ?? [];
    if (!email && copies.length === 0 && observed.unhandled.get('notifier')?.has(event.id)) {
      lost.push(event.id);
      continue;
    }
    faults.push(...checkOne(about, event, email, copies, observed));
    if (copies.length > 1) {
      const doubled = describe(event.id, copies, blows);
      if (doubled.killed.length >= copies.length - 1) excused.push(doubled);
      else faults.push({ kind: 'email-doubled', about, detail: `received ${copies.length} times` });
    }
  }
  for (const id of new Set([...emails.keys(), ...receipts.keys()])) {
    if (wanted.has(id)) continue;
    const to = emails.get(id)?.to ?? receipts.get(id)?.[0]?.to;
    faults.push({ kind: 'effect-doubled', about: `e-mail ${id}`, detail: `to ${to}, and no event wants it` });
  }
  return { faults, excused, lost };
}

/** The kind of e-mail that an event causes, if any. */
export function emailKindOf({ type, data }: DomainEvent): string | undefined {
  if (type === 'user.created') {
    return { signup: 'welcome', admin: 'invitation', seed: undefined, private: undefined }[data.origin];
  }
  if (type === 'user.updated') return data.previous_email === undefined ? undefined : 'email-changed';
  if (type === 'user.deleted') return 'farewell';
  if (type === 'password.reset-requested') return 'password-recovery';
  if (type === 'password.guessing-detected') return 'password-guessing';
  return type === 'password.changed' ? 'password-changed' : undefined;
}

function checkOne(
  about: string,
  event: DomainEvent,
  email: EmailDocument | undefined,
  copies: readonly Receipt[],
  observed: Observed,
): Fault[] {
  const missing = (detail: string): Fault[] => [{ kind: 'email-missing', about, detail }];
  if (!email) return missing('it has no document');
  if (email.kind !== emailKindOf(event)) return missing(`it became a ${email.kind}`);
  if (email.status === 'cancelled') {
    return mayBeCancelled(email, observed) ? [] : missing(`cancelled: ${email.last_error}`);
  }
  if (email.status !== 'sent') return missing(`${email.status}: ${email.last_error}`);
  if (copies.length === 0) return missing('recorded as sent, and never received');
  const wrong = copies.find(({ to }) => to !== email.to);
  return wrong ? missing(`it went to ${wrong.to}`) : [];
}

/** No e-mail but the farewell goes to a user who is gone, and no link to an address that the user has no longer. */
function mayBeCancelled({ kind, to, user_id }: EmailDocument, { users }: Observed): boolean {
  if (kind === 'farewell') return false;
  const user = user_id === null ? undefined : users.get(user_id);
  return user === undefined || (WITH_LINK.has(kind) && user.email !== to);
}

function describe(eventId: string, copies: readonly Receipt[], blows: readonly Blow[]): Doubled {
  const times = copies.map(({ receivedAtMs }) => receivedAtMs);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const sentAtMs = sentBefore(first, blows);
  const mayBeWhy = ({ target, atMs, goneForMs = 0 }: Blow): boolean => {
    if (target === 'mail') return atMs >= first;
    // What comes before there is a successor was sent by the one that was killed, however long it was on its way.
    return target === 'notifier' && (atMs >= sentAtMs || atMs + goneForMs >= first);
  };
  const killed = blows
    .filter((blow) => blow.kind === 'kill' && blow.atMs < last && mayBeWhy(blow))
    .map(({ target }) => target);
  return { eventId, times: copies.length, killed };
}

/** The earliest time at which what the SMTP server took at `receivedAtMs` may have been sent. */
function sentBefore(receivedAtMs: number, blows: readonly Blow[]): number {
  const latest = receivedAtMs - ON_ITS_WAY_MS;
  const frozen = blows.filter(
    ({ kind, target, atMs, forMs = 0 }) =>
      kind === 'freeze' && target === 'mail' && atMs <= receivedAtMs && atMs + forMs >= latest,
  );
  return Math.min(latest, ...frozen.map(({ atMs }) => atMs - ON_ITS_WAY_MS));
}
