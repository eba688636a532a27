/** The state is null when the document does not exist. */
export type State = Record<string, unknown> | null;

export type Change = { what: string; after: State; fingerprints: string[] };

export type Tracked = {
  collection: 'users' | 'items';
  /** The key finds the document when the answer with its id was lost. */
  key: { field: 'email' | 'title'; value: string };
  id: string | undefined;
  owner: Tracked | undefined;
  answered: Change[];
  /** This write may or may not happen; no other write follows it. */
  lost: Change | undefined;
};

/** `status` is that of a request with the token at the end. */
export type Session = { about: string; token: string; status: number };

/** `status` is that of a login or refresh with this form at the end. */
export type Login = { about: string; form: Record<string, string>; status: number };

export type Model = {
  tracked: Tracked[];
  /** The API must never give these answers, whatever is killed. */
  wrongAnswers: string[];
  /** Only a loss of the broker's revocations excuses these refusals. */
  endedEarly: { what: string; issuedAtMs: number; atMs: number }[];
  counts: { answered: number; lost: number; unreached: number };
};

export const createModel = (): Model => ({
  tracked: [],
  wrongAnswers: [],
  endedEarly: [],
  counts: { answered: 0, lost: 0, unreached: 0 },
});

export type Outcome = { state: State; fingerprints: string[] };

/** Returns the documented outcome, and the one with the unanswered write. */
export function outcomesOf({ answered, lost }: Tracked): Outcome[] {
  const without = {
    state: answered.at(-1)?.after ?? null,
    fingerprints: answered.flatMap(({ fingerprints }) => fingerprints),
  };
  return lost
    ? [without, { state: lost.after, fingerprints: [...without.fingerprints, ...lost.fingerprints] }]
    : [without];
}

export function withoutOwner({ state, fingerprints }: Outcome, deletion: string): Outcome {
  return state === null
    ? { state, fingerprints }
    : { state: null, fingerprints: [...fingerprints, deletion] };
}
