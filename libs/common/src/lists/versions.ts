/** What a document was sorted by at some time: `updated_at`, and its text fields that lists are sorted by. */
export type Version = { updated_at: Date };

/** A document that keeps what it was sorted by before its recent writes, oldest first; it has none before its first write. */
export type Versioned<V extends Version> = V & { created_at: Date; earlier?: V[] };

/** A reading begins at a multiple of this, so that a document needs one version for each of them and not for each write. */
const STEP_MS = 10_000;
/** The order of a reading stays exact for this long. */
const KEPT_MS = 900_000;
/** Writes that carry an earlier time may still arrive, and clocks of replicas differ. */
const UNSETTLED_MS = 5_000;

/** Returns the time at which a reading that begins now looks at the documents: 5 to 15 seconds ago. */
export const settledTime = (now: Date): Date =>
  new Date(Math.floor((now.getTime() - UNSETTLED_MS) / STEP_MS) * STEP_MS);

/** Returns the versions that a write keeps; `replaced` is the one that it replaces, as it is kept. */
export function keptVersions<V extends Version>(document: Versioned<V>, replaced: V, now: Date): V[] {
  const versions = [...(document.earlier ?? []), replaced];
  const oldest = now.getTime() - KEPT_MS;
  return versions.filter((version, at) => {
    const from = version.updated_at.getTime();
    const until = (versions[at + 1]?.updated_at ?? now).getTime();
    const lastStep = Math.floor(until / STEP_MS) * STEP_MS;
    // A reading that began before a document was created places it by what it was created as.
    const isCreation = at === 0 && from === document.created_at.getTime();
    return (isCreation && from >= oldest) || (lastStep > from && lastStep >= oldest);
  });
}

/** Returns what a document was at a settled time, or what it was created as after that. */
export function versionAt<V extends Version>(document: Versioned<V>, time: Date): V {
  const versions = [...(document.earlier ?? []), document];
  return versions.findLast(({ updated_at }) => updated_at < time) ?? versions[0] ?? document;
}

/** The time of a write: never before that of the version that it replaces. */
export const writeTime = (document: { updated_at: Date }, now: Date): Date =>
  document.updated_at > now ? document.updated_at : now;
