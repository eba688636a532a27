import type { Observed, StoredDocument } from '../observing/observed.ts';
import type { Fault } from './faults.ts';
import { fingerprint } from './fingerprint.ts';
import { type Outcome, outcomesOf, type State, type Tracked, withoutOwner } from './model.ts';

/** Compares documents and events with possible outcomes; also returns items without the owner's deletion. */
export function checkWrites(
  tracked: readonly Tracked[],
  observed: Observed,
): { faults: Fault[]; left: string[] } {
  const idOf = findIds(tracked, observed);
  const faults: Fault[] = [];
  const left: string[] = [];
  for (const one of tracked) {
    const id = idOf.get(one);
    // The creation did not happen; `checkUnexplained` checks its events.
    if (id === undefined) continue;
    const ownerId = one.owner && idOf.get(one.owner);
    const isOrphan = ownerId !== undefined && !observed.users.has(ownerId);
    const outcomes = outcomesOf(one);
    const possible = isOrphan
      ? outcomes.map((outcome) => withoutOwner(outcome, deletionOf(ownerId)))
      : outcomes;
    const found = fewest(possible, one, id, observed);
    const excused = isOrphan && found.length > 0 && isDeletionLost(ownerId, observed);
    if (excused && fewest(outcomes, one, id, observed).length === 0) left.push(id);
    else faults.push(...found);
  }
  return { faults, left };
}

/** Returns the faults of the outcome that explains most. */
function fewest(possible: readonly Outcome[], one: Tracked, id: string, observed: Observed): Fault[] {
  const faults = possible.map((outcome) => compare(one, id, outcome, observed));
  return faults.reduce((best, other) => (other.length <= best.length ? other : best));
}

const deletionOf = (ownerId: string): string => fingerprint('item.deleted', { owner_id: ownerId });

/** The broker may have lost the event before items had certainly handled it. */
function isDeletionLost(userId: string, { events, unhandled }: Observed): boolean {
  const lost = unhandled.get('items');
  return (events.get(userId) ?? []).some(({ id, type }) => type === 'user.deleted' && lost?.has(id));
}

/** A document whose creation lost its answer is found by its key. */
export function findIds(tracked: readonly Tracked[], observed: Observed): Map<Tracked, string> {
  const byKey = new Map<unknown, string>();
  for (const user of observed.users.values()) byKey.set(user.email, user.id);
  for (const item of observed.items.values()) byKey.set(item.title, item.id);
  return new Map(
    tracked.flatMap((one): [Tracked, string][] => {
      const id = one.id ?? byKey.get(one.key.value);
      return id === undefined ? [] : [[one, id]];
    }),
  );
}

function compare(one: Tracked, id: string, outcome: Outcome, observed: Observed): Fault[] {
  const about = `${one.collection} ${id} (${one.key.value})`;
  const found = (observed.events.get(id) ?? []).map(({ type, data }) => fingerprint(type, data));
  return [
    ...compareState(about, one, outcome.state, observed[one.collection].get(id)),
    ...LINK_REQUESTS.flatMap((type) => compareLinkRequest(type, about, outcome.fingerprints, found)),
    ...compareEvents(about, outcome.fingerprints.filter(isNoLinkRequest), found.filter(isNoLinkRequest)),
  ];
}

function compareState(
  about: string,
  one: Tracked,
  expected: State,
  stored: StoredDocument | undefined,
): Fault[] {
  if (expected === null) {
    if (stored === undefined) return [];
    // No client deleted the item: the deletion of its owner should have.
    const kind = one.answered.at(-1)?.after === null ? 'document' : 'effect-missing';
    return [{ kind, about, detail: 'deleted, and still there' }];
  }
  if (stored === undefined) return [{ kind: 'document', about, detail: 'not there' }];
  return Object.entries(expected)
    .filter(([name, value]) => value !== undefined && !Object.is(stored[name], value))
    .map(([name, value]) => ({
      kind: 'document',
      about,
      detail: `${name} is ${stored[name]}, answered was ${value}`,
    }));
}

/** A session is a document of its own, so its events have no order among those of its user. */
const isOfDocument = (text: string): boolean => !/^user\.(logged-out|session-stolen)/.test(text);

const LINK_REQUESTS = ['password.reset-requested', 'user.verification-requested'];
const isNoLinkRequest = (text: string): boolean => !LINK_REQUESTS.some((type) => text.startsWith(type));
const ENDS_WISHES =
  /^user\.deleted|^user\.updated .*is_active=false|^user\.updated .*previous_email=(?!undefined)/;

/** Link requests are handled late: events may follow later changes, or be missing for a gone address. */
function compareLinkRequest(
  type: string,
  about: string,
  expected: readonly string[],
  found: readonly string[],
): Fault[] {
  const request = expected.find((text) => text.startsWith(type));
  const foundRequests = found.filter((text) => text.startsWith(type));
  const tooMuch = without(foundRequests, request === undefined ? [] : [request]);
  const faults = tooMuch.map((detail): Fault => ({ kind: 'effect-doubled', about, detail }));
  if (request === undefined) return faults;
  // Link requests of two kinds have no order among themselves.
  const isOrdered = (text: string) => isOfDocument(text) && (isNoLinkRequest(text) || text === request);
  const [wantedAt, foundAt] = [expected, found].map((all) => all.filter(isOrdered).indexOf(request));
  if (wantedAt === undefined || foundAt === undefined) return faults;
  if (foundAt < 0) {
    if (
      expected
        .filter(isOrdered)
        .slice(wantedAt)
        .some((text) => ENDS_WISHES.test(text))
    )
      return faults;
    return [...faults, { kind: 'event-missing', about, detail: request }];
  }
  const isEarly = foundAt < wantedAt;
  return isEarly
    ? [...faults, { kind: 'order', about, detail: `${request} before what came before it` }]
    : faults;
}

function compareEvents(about: string, expected: readonly string[], found: readonly string[]): Fault[] {
  const tooMuch = without(found, expected).map(
    (detail): Fault => ({ kind: 'effect-doubled', about, detail }),
  );
  const missing = without(expected, found).map((detail): Fault => ({ kind: 'event-missing', about, detail }));
  const faults = [...missing, ...tooMuch];
  const [wanted, had] = [expected.filter(isOfDocument), found.filter(isOfDocument)];
  if (faults.length > 0 || wanted.every((text, at) => text === had[at])) return faults;
  return [{ kind: 'order', about, detail: `${found.join(', ')} instead of ${expected.join(', ')}` }];
}

/** Compares one by one, so that a repeated entry counts. */
function without(all: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return all.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
