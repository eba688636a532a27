import type { DomainEvent } from '@quartet/common/events/envelope.ts';
import { secondId } from '../../../services/notifier/src/emails/email-queue.ts';
import type { EmailDocument, Observed, Receipt } from '../observing/observed.ts';
import type { Fault } from './faults.ts';

/** A freeze lasts `forMs`; after a kill, the process was missing for `goneForMs`. */
export type Blow = {
  kind: 'kill' | 'freeze' | 'erase';
  target: string;
  atMs: number;
  forMs?: number;
  goneForMs?: number;
};

/** The deaths in `killed` may explain why the SMTP server has this e-mail more than once. */
export type Doubled = { eventId: string; times: number; killed: string[] };

const WITH_LINK = new Set(['invitation', 'password-recovery', 'verify-email']);
/** An e-mail may be in the SMTP server's socket for so long, and during a freeze of the server. */
const ON_ITS_WAY_MS = 1_000;

/** Each e-mail of an event is needed exactly once; kills of the notifier or the server excuse further copies. */
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
    for (const { id, kind } of emailsOf(event)) {
      wanted.add(id);
      const about = `${kind} about user ${event.subject} (event ${event.id})`;
      const email = emails.get(id);
      const copies = receipts.get(id) ?? [];
      if (!email && copies.length === 0 && observed.unhandled.get('notifier')?.has(event.id)) {
        lost.push(id);
        continue;
      }
      faults.push(...checkOne(about, kind, email, copies, observed));
      if (copies.length > 1) {
        const doubled = describe(id, copies, blows);
        if (doubled.killed.length >= copies.length - 1) excused.push(doubled);
        else faults.push({ kind: 'email-doubled', about, detail: `received ${copies.length} times` });
      }
    }
  }
  for (const id of new Set([...emails.keys(), ...receipts.keys()])) {
    if (wanted.has(id)) continue;
    const to = emails.get(id)?.to ?? receipts.get(id)?.[0]?.to;
    faults.push({ kind: 'effect-doubled', about: `e-mail ${id}`, detail: `to ${to}, and no event wants it` });
  }
  return { faults, excused, lost };
}

/** A change of address has two. */
function emailsOf(event: DomainEvent): { id: string; kind: string }[] {
  const kind = emailKindOf(event);
  const first = kind ? [{ id: event.id, kind }] : [];
  const verifies =
    event.type === 'user.updated' && event.data.changed.includes('email') && event.data.is_verified === false;
  return verifies ? [...first, { id: secondId(event.id), kind: 'verify-email' }] : first;
}

function emailKindOf({ type, data }: DomainEvent): string | undefined {
  if (type === 'user.created') {
    return { signup: 'welcome', admin: 'invitation', seed: undefined, private: undefined }[data.origin];
  }
  if (type === 'user.updated') return data.previous_email === undefined ? undefined : 'email-changed';
  if (type === 'user.verification-requested') return 'verify-email';
  if (type === 'user.deleted') return 'farewell';
  if (type === 'password.reset-requested') return 'password-recovery';
  if (type === 'password.guessing-detected') return 'password-guessing';
  if (type === 'user.session-stolen') return 'session-stolen';
  return type === 'password.changed' ? 'password-changed' : undefined;
}

function checkOne(
  about: string,
  kind: string,
  email: EmailDocument | undefined,
  copies: readonly Receipt[],
  observed: Observed,
): Fault[] {
  const missing = (detail: string): Fault[] => [{ kind: 'email-missing', about, detail }];
  if (!email) return missing('it has no document');
  if (email.kind !== kind) return missing(`it became a ${email.kind}`);
  if (email.status === 'cancelled') {
    return mayBeCancelled(email, observed) ? [] : missing(`cancelled: ${email.last_error}`);
  }
  if (email.status !== 'sent') return missing(`${email.status}: ${email.last_error}`);
  if (copies.length === 0) return missing('recorded as sent, and never received');
  const wrong = copies.find(({ to }) => to !== email.to);
  return wrong ? missing(`it went to ${wrong.to}`) : [];
}

/** After a deletion only the farewell is sent, and no link goes to a former address. */
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
    // Until the successor starts, the killed notifier may have sent it.
    return target === 'notifier' && (atMs >= sentAtMs || atMs + goneForMs >= first);
  };
  const killed = blows
    .filter((blow) => blow.kind === 'kill' && blow.atMs < last && mayBeWhy(blow))
    .map(({ target }) => target);
  return { eventId, times: copies.length, killed };
}

/** Returns the earliest time at which an e-mail received at `receivedAtMs` may have been sent. */
function sentBefore(receivedAtMs: number, blows: readonly Blow[]): number {
  const latest = receivedAtMs - ON_ITS_WAY_MS;
  const frozen = blows.filter(
    ({ kind, target, atMs, forMs = 0 }) =>
      kind === 'freeze' && target === 'mail' && atMs <= receivedAtMs && atMs + forMs >= latest,
  );
  return Math.min(latest, ...frozen.map(({ atMs }) => atMs - ON_ITS_WAY_MS));
}
