import type { Observed } from '../observing/observed.ts';
import { findIds } from './check-writes.ts';
import type { Fault } from './faults.ts';
import { fingerprint } from './fingerprint.ts';
import type { Tracked } from './model.ts';

/** Finds documents and events that no client asked for, such as a write repeated under another id. */
export function checkUnexplained(tracked: readonly Tracked[], observed: Observed, seeded: string): Fault[] {
  const idOf = findIds(tracked, observed);
  const known = new Set(idOf.values());
  const documents = [...observed.users.values(), ...observed.items.values()].filter(
    ({ id, email }) => !known.has(id) && email !== seeded,
  );
  for (const { id, email } of observed.users.values()) if (email === seeded) known.add(id);
  const subjects = [...observed.events].filter(([subject]) => !known.has(subject));
  const allowed = lostAndGone(tracked, observed, idOf);
  return [
    ...documents.map(
      ({ id, email, title }): Fault => ({
        kind: 'effect-doubled',
        about: `document ${id}`,
        detail: `nobody asked for it: ${email ?? title}`,
      }),
    ),
    ...subjects.flatMap(([subject, events]): Fault[] => {
      const found = events.map(({ type, data }) => fingerprint(type, data)).join(', ');
      const left = allowed.get(found) ?? 0;
      allowed.set(found, left - 1);
      if (left > 0) return [];
      return [
        { kind: 'effect-doubled', about: `events of ${subject}`, detail: `nobody asked for it: ${found}` },
      ];
    }),
  ];
}

/** Counts events of items whose creation was not answered and whose owner is deleted. */
function lostAndGone(
  tracked: readonly Tracked[],
  observed: Observed,
  idOf: Map<Tracked, string>,
): Map<string, number> {
  const allowed = new Map<string, number>();
  for (const { id, owner } of tracked) {
    const ownerId = id === undefined && owner ? idOf.get(owner) : undefined;
    if (ownerId === undefined || observed.users.has(ownerId)) continue;
    const found = (['item.created', 'item.deleted'] as const)
      .map((type) => fingerprint(type, { owner_id: ownerId }))
      .join(', ');
    allowed.set(found, (allowed.get(found) ?? 0) + 1);
  }
  return allowed;
}
