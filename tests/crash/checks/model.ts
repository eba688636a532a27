/** Fields of a document that are known; null: there is no document. */
export type State = Record<string, unknown> | null;

/** What one write does to its document, and the fingerprints of its events. */
export type Change = { what: string; after: State; fingerprints: string[] };

/** A user or item, with the writes that were answered and the one whose answer was lost. */
export type Tracked = {
  collection: 'users' | 'items';
  /** By which it is found when the answer to its creation, and with it the id, was lost. */
  key: { field: 'email' | 'title'; value: string };
  id: string | undefined;
  /** An item's. */
  owner: Tracked | undefined;
  answered: Change[];
  /** May have happened or not, or may happen yet. Nothing is written to the document after it. */
  lost: Change | undefined;
};

/** A session as it must stand at the end: the status of a request with its token. */
export type Session = { about: string; token: string; status: number };

/** A password as it must stand at the end: the status of a login. */
export type Login = { email: string; password: string; status: number };

/** All that clients did, with the answers. */
export type Model = {
  tracked: Tracked[];
  /** Answers that the API must not give, whatever is killed. */
  wrongAnswers: string[];
  /** Sessions that were refused and should not have been, unless the broker has lost the revocations since they began. */
  endedEarly: { what: string; issuedAtMs: number; atMs: number }[];
  counts: { answered: number; lost: number; unreached: number };
};

export const createModel = (): Model => ({
  tracked: [],
  wrongAnswers: [],
  endedEarly: [],
  counts: { answered: 0, lost: 0, unreached: 0 },
});

/** One possible outcome: the document, and the fingerprints of its events in order. */
export type Outcome = { state: State; fingerprints: string[] };

/** How a document may stand: as answered, and, if an answer was lost, with that write done as well. */
export function outcomesOf({ answered, lost }: Tracked): Outcome[] {
  const without = {
    state: answered.at(-1)?.after ?? null,
    fingerprints: answered.flatMap(({ fingerprints }) => fingerprints),
  };
  return lost
    ? [without, { state: lost.after, fingerprints: [...without.fingerprints, ...lost.fingerprints] }]
    : [without];
}

/** The same after the owner's deletion: the item is deleted, with an event. */
export function withoutOwner({ state, fingerprints }: Outcome, deletion: string): Outcome {
  return state === null
    ? { state, fingerprints }
    : { state: null, fingerprints: [...fingerprints, deletion] };
}
