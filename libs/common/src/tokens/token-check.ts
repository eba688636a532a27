import type { Broker } from '../events/broker/broker.ts';
import { observeRevocations } from '../events/event-metrics.ts';
import { watchRevocations } from '../events/kv/revocation-bucket.ts';
import type { Log } from '../process/logging.ts';
import type { Metrics } from '../process/metrics.ts';
import { type Authorize, createAuthorize } from './access.ts';
import { fetchKeys } from './jwks.ts';
import { createRevocationMap, type RevocationChange, type RevocationView } from './revocations.ts';
import { createVerifier } from './verifier.ts';

type CheckParts = { broker: Broker; metrics: Metrics; log: Log; signal: AbortSignal };

/** `revocations` are the process's own copy. */
export type TokenCheck = { authorize: Authorize; revocations: RevocationView };

/** Checks tokens outside auth, by auth's published keys and a complete copy of the revocations. */
export const startTokenCheck = async (authUrls: readonly string[], parts: CheckParts): Promise<Authorize> =>
  (await startWatchedTokenCheck(authUrls, parts)).authorize;

/** Like {@link startTokenCheck}; `changed` is called after each change of the revocations. */
export async function startWatchedTokenCheck(
  authUrls: readonly string[],
  { broker, metrics, log, signal }: CheckParts,
  changed?: (what: RevocationChange) => void,
): Promise<TokenCheck> {
  const revocations = createRevocationMap(changed);
  observeRevocations(metrics, revocations, broker);
  const [keys] = await Promise.all([
    fetchKeys(authUrls, log, signal),
    watchRevocations(broker, revocations, log, signal),
  ]);
  return { authorize: createAuthorize(createVerifier(keys), revocations), revocations };
}
