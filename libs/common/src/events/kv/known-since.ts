import type { StreamInfo } from '@nats-io/jetstream';

/** It is metadata of the bucket, so that it exists before the first entry. */
const KNOWN_SINCE = 'quartet_known_since';

/** Marks a bucket of revocations as complete since `seconds` (since the epoch). */
export const knownSinceMetadata = (seconds: number): Record<string, string> => ({
  [KNOWN_SINCE]: String(seconds),
});

/** Returns auth's mark of a complete bucket, in seconds since the epoch; 0 without a mark. */
export const saidKnownSince = ({ config }: StreamInfo): number => Number(config.metadata?.[KNOWN_SINCE]) || 0;

/** Returns the second since which a bucket is complete, by the later of auth's and the broker's clock. */
export const knownSinceOf = (bucket: StreamInfo): number =>
  Math.max(secondAfter(Date.parse(bucket.created)), saidKnownSince(bucket));

/** Returns the first second that began after a moment: `iat` is rounded down, so older tokens have less. */
export const secondAfter = (ms: number): number => Math.floor(ms / 1000) + 1;
