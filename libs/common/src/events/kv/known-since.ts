import type { StreamInfo } from '@nats-io/jetstream';

/** Where auth writes it at the bucket itself, so that it is there with the first entry. */
const KNOWN_SINCE = 'quartet_known_since';

/** What a bucket of revocations is made with, or given later: all of before `seconds` (since the epoch) is unknown to it. */
export const knownSinceMetadata = (seconds: number): Record<string, string> => ({
  [KNOWN_SINCE]: String(seconds),
});

/** Since when auth said that the bucket knows what was revoked, in seconds since the epoch; 0 when it said nothing. */
export const saidKnownSince = ({ config }: StreamInfo): number => Number(config.metadata?.[KNOWN_SINCE]) || 0;

/**
 * Since when a bucket of revocations knows what was revoked, in seconds since the epoch. A token of a lesser `iat` may have been
 * revoked in what the broker has lost. By the later of two clocks: that of auth, and the broker's, by which the bucket was made.
 */
export const knownSinceOf = (bucket: StreamInfo): number =>
  Math.max(secondAfter(Date.parse(bucket.created)), saidKnownSince(bucket));

/** The first second that began after a moment, since the epoch: `iat` is cut off, so that of an earlier moment is less. */
export const secondAfter = (ms: number): number => Math.floor(ms / 1000) + 1;
