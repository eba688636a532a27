import type { Broker } from '../events/broker/broker.ts';
import { observeRevocations } from '../events/event-metrics.ts';
import { watchRevocations } from '../events/kv/revocation-bucket.ts';
import type { Log } from '../process/logging.ts';
import type { Metrics } from '../process/metrics.ts';
import { type Authorize, createAuthorize } from './access.ts';
import { fetchKeys } from './jwks.ts';
import { createRevocationMap } from './revocations.ts';
import { createVerifier } from './verifier.ts';

/** Checks tokens outside auth, by auth's published keys and a complete copy of the revocations. */
export async function startTokenCheck(
  authUrls: readonly string[],
  { broker, metrics, log, signal }: { broker: Broker; metrics: Metrics; log: Log; signal: AbortSignal },
): Promise<Authorize> {
  const revocations = createRevocationMap();
  observeRevocations(metrics, revocations, broker);
  const [keys] = await Promise.all([
    fetchKeys(authUrls, log, signal),
    watchRevocations(broker, revocations, log, signal),
  ]);
  return createAuthorize(createVerifier(keys), revocations);
}
