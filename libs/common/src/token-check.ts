import type { Broker } from './events/broker.ts';
import { watchRevocations } from './events/revocation-bucket.ts';
import type { Log } from './logging.ts';
import { type Authorize, createAuthorize } from './tokens/access.ts';
import { fetchKeys } from './tokens/jwks.ts';
import { createRevocationMap } from './tokens/revocations.ts';
import { createVerifier } from './tokens/verifier.ts';

/** The token check of a process that is not auth: auth's published keys and a complete copy of the revocations. */
export async function startTokenCheck(
  authUrls: readonly string[],
  broker: Broker,
  log: Log,
  signal: AbortSignal,
): Promise<Authorize> {
  const revocations = createRevocationMap();
  const [findKey] = await Promise.all([
    fetchKeys(authUrls, log, signal),
    watchRevocations(broker, revocations, log, signal),
  ]);
  return createAuthorize(createVerifier(findKey), revocations);
}
