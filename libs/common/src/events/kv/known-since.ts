import type { StreamInfo } from '@nats-io/jetstream';

/** Metadata of the bucket, so that it exists before the first entry. */
const KNOWN_SINCE = 'quartet_known_since';

/** Metadata that marks a bucket of revocations as complete since `seconds` (since the epoch). */
export const knownSinceMetadata = (seconds: number): Record<string, string> => ({
  [KNOWN_SINCE]: String(seconds),
});

/** Since when auth has marked the bucket as complete, in seconds since the epoch; 0 without a mark. */
export const saidKnownSince = ({ config }: StreamInfo): number => Number(config.metadata?.[KNOWN_SINCE]) || 0;

/**
 * Since when a bucket of revocations is complete, in seconds since the epoch, by the later of auth's and the broker's clock. A
 * token of a lesser `iat` may have been revoked in entries that the broker has lost.
 */
export const knownSinceOf = (bucket: StreamInfo): number =>
  Math.max(secondAfter(Date.parse(bucket.created)), saidKnownSince(bucket));

/** The first second, since the epoch, that began after a moment: `iat` is rounded down, so an earlier token has less. */
export const secondAfter = (ms: number): number => Math.floor(ms / 1000) + 1;
