/** Fields of a document that are known; null: there is no document. */
export type State = Record<string, unknown> | null;

/** What one write does to its document, and the events that tell of it (as `telling` words them). */
export type Change = { what: string; after: State; tells: string[] };

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

/** All that clients did and were told. */
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

/** One way things may stand: the document, and everything that was told of it, in order. */
export type Outcome = { state: State; tells: string[] };

/** How a document may stand: as answered, and, if an answer was lost, with that write done as well. */
export function outcomesOf({ answered, lost }: Tracked): Outcome[] {
  const without = {
    state: answered.at(-1)?.after ?? null,
    tells: answered.flatMap(({ tells }) => tells),
  };
  return lost ? [without, { state: lost.after, tells: [...without.tells, ...lost.tells] }] : [without];
}

/** The same when the item's owner is gone: what was there is deleted, and that is told. */
export function withoutOwner({ state, tells }: Outcome, deletion: string): Outcome {
  return state === null ? { state, tells } : { state: null, tells: [...tells, deletion] };
}
