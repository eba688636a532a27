import { randomBytes, randomUUID } from 'node:crypto';
import { type Revocation, type RevocationMap, revocation } from '@quartet/common/tokens/revocations.ts';
import * as z from 'zod';

export const kinds = ['user', 'session'] as const;
export type Kind = (typeof kinds)[number];

export type BucketEntry = { key: string; value: string };

export const TOKEN_LIFE_SECONDS = 8 * 86_400;
const PREFIX = '$KV.REVOCATIONS.';
const SESSION = 'session.';

const changed: Revocation = {
  revision: 7,
  version: 3,
  sparedSession: null,
  isActive: true,
  isSuperuser: false,
  deleted: false,
};
const endedSession = z.object({ until: z.number() });

const randomUntil = () => Math.ceil(Date.now() / 1000 + Math.random() * TOKEN_LIFE_SECONDS);

/** The entry is about a foreign user; half of the users kept a session when they changed the password. */
export function randomEntry(kind: Kind): BucketEntry {
  if (kind === 'session') {
    return { key: SESSION + randomUUID(), value: JSON.stringify({ until: randomUntil() }) };
  }
  const sparedSession = Math.random() < 0.5 ? randomUUID() : null;
  return { key: randomBytes(12).toString('hex'), value: JSON.stringify({ ...changed, sparedSession }) };
}

/** Like a watcher, it begins with the bytes of the subject. */
export function applyEntry(map: RevocationMap, { key, value }: BucketEntry): void {
  const subject = new TextDecoder().decode(Buffer.from(PREFIX + key));
  const received = subject.substring(PREFIX.length);
  const parsed: unknown = JSON.parse(value);
  if (received.startsWith(SESSION)) {
    map.endSession(received.slice(SESSION.length), endedSession.parse(parsed).until);
  } else {
    map.apply(received, revocation.parse(parsed), randomUntil());
  }
}

/** Half of the entries are of users, half of sessions. */
export function fillMap(map: RevocationMap, entries: number): void {
  for (let n = 0; n < entries; n += 1) applyEntry(map, randomEntry(n % 2 === 0 ? 'user' : 'session'));
}
