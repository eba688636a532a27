import { warnOfDefaultSecrets } from '@quartet/common/config/default-secrets.ts';
import { warnOfWeakSecrets } from '@quartet/common/config/weak-secrets.ts';
import { connectDatabase } from '@quartet/common/database/database.ts';
import { sweepEarlierAddresses } from '@quartet/common/database/earlier-addresses.ts';
import { connectBroker } from '@quartet/common/events/broker/broker.ts';
import { ensureTopology, keepTopology } from '@quartet/common/events/broker/topology.ts';
import {
  countEvents,
  observeBroker,
  observeOutbox,
  observeRevocations,
} from '@quartet/common/events/event-metrics.ts';
import { openLimitBucket } from '@quartet/common/events/kv/limit-bucket.ts';
import { createRevocationPublisher, watchRevocations } from '@quartet/common/events/kv/revocation-bucket.ts';
import { createRevocationGuard } from '@quartet/common/events/kv/revocation-guard.ts';
import { createRelay } from '@quartet/common/events/outbox/relay.ts';
import { type SweepTiming, sweepOutboxes } from '@quartet/common/events/outbox/sweep.ts';
import { serveLinks } from '@quartet/common/events/password-link-request.ts';
import { listen } from '@quartet/common/http/server/server.ts';
import { registerService } from '@quartet/common/openapi/register-service.ts';
import { checkParts } from '@quartet/common/process/health.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { createMetrics } from '@quartet/common/process/metrics.ts';
import { noTelemetry, type Telemetry } from '@quartet/common/telemetry/telemetry.ts';
import { createAuthorize } from '@quartet/common/tokens/access.ts';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { createVerifier } from '@quartet/common/tokens/verifier.ts';
import { authRoutes, authTags, createAuthApp } from './app.ts';
import { createBackground } from './background.ts';
import type { AuthConfig } from './config.ts';
import { type Clock, systemClock } from './limits/clock.ts';
import { createLimitKeys } from './limits/limit-keys.ts';
import { longestLifeMs } from './limits/limit-settings.ts';
import { createLimits, noLimits } from './limits/limits.ts';
import { createLinkAnswer } from './links/links.ts';
import { openRecoveryRequests } from './links/recovery-requests.ts';
import { createPasswords } from './passwords.ts';
import { seedFirstSuperuser } from './seed.ts';
import { bucketMemory } from './tokens/bucket-memory.ts';
import { firstSeen } from './tokens/key-store.ts';
import { createRevoker, revokeWhatWaits } from './tokens/revocation-publisher.ts';
import { deriveSigningKey, ownKeys } from './tokens/signing-keys.ts';
import { createTokenIssuer } from './tokens/token-issuer.ts';
import { createAccounts } from './users/accounts.ts';
import { respellUsers } from './users/earlier-addresses.ts';
import type { User } from './users/user.ts';
import { openUserStore } from './users/user-store.ts';

/** Starts auth: wires its parts and returns once it answers. */
export async function startAuth(
  config: AuthConfig & {
    sweep?: SweepTiming | undefined;
    clock?: Clock | undefined;
    /** How long limits wait for the broker before they count in this process alone. */
    limitsWaitMs?: number | undefined;
    /** How long after its start it brings addresses of an earlier release into the form. */
    earlierAddressesAfterMs?: number | undefined;
  },
  log: Log,
  telemetry: Telemetry = noTelemetry,
): Promise<Service> {
  warnOfDefaultSecrets(config.defaultSecrets, log);
  warnOfWeakSecrets(config.weakSecrets, log);
  const metrics = createMetrics();
  const { tracing } = telemetry;
  const running = new AbortController();
  const { signal } = running;
  const [database, broker] = await Promise.all([
    connectDatabase(config.database, 'quartet-auth', log, signal, { metrics, tracing }),
    connectBroker({ ...config.broker, name: 'auth', log, signal, tracing }),
  ]);
  const guard = await createRevocationGuard(broker, bucketMemory(database.db, broker.names.revocations), log);
  const ensure = () =>
    ensureTopology(broker, config.accessTokenSeconds, {
      limitLifeSeconds: config.limits && longestLifeMs(config.limits) / 1000,
      replicas: config.brokerReplicas,
      knownSince: guard.beginning,
    });
  const [store, passwords] = await Promise.all([
    openUserStore(database.db),
    createPasswords(config.hashRounds),
    ensure(),
  ]);
  keepTopology(broker, ensure, signal);

  const revocations = createRevocationMap();
  const publisher = await createRevocationPublisher(broker, guard.saw);
  await guard.keep(signal);
  await watchRevocations(broker, revocations, log, signal, { publisher, guard });
  const revoker = createRevoker(revocations, publisher, config.accessTokenSeconds);
  const relay = createRelay<User>({
    collection: store.collection,
    broker,
    log,
    counts: countEvents(metrics),
    // First everybody knows that a token is revoked, then the event says why.
    before: revoker.publish,
  });
  await revokeWhatWaits(store, revoker, log);

  const [current, ...previous] = config.secretKeys.map(deriveSigningKey);
  if (!current) throw new Error('auth needs a secret key');
  const keys: [typeof current, ...typeof previous] = [current, ...previous];
  const verifier = createVerifier(ownKeys(keys));
  const life = { accessTokenSeconds: config.accessTokenSeconds, linkSeconds: config.linkHours * 3600 };
  const signsFrom =
    (await firstSeen(database.db, current.jwk.kid, new Date())).getTime() + config.keyRolloutMs;
  const issuer = createTokenIssuer(keys, life, () => Date.now() >= signsFrom, revocations.knownSince);
  const background = createBackground(log);
  const limits = config.limits
    ? createLimits({
        rules: config.limits,
        bucket: await openLimitBucket(broker, config.limitsWaitMs),
        keyOf: createLimitKeys(config.secretKeys[0] ?? ''),
        clock: config.clock ?? systemClock,
        log,
        background,
        refused: metrics.count('rate_limited_total', 'Requests that a limit refused', 'limit'),
      })
    : noLimits;
  const { passwordSet } = limits;
  const { linkSeconds } = life;
  const accounts = createAccounts({
    ...{ store, relay, passwords, issuer, verifier, revoker, linkSeconds, passwordSet },
  });
  await seedFirstSuperuser(store, accounts, config.firstSuperuser, log);

  const wishes = openRecoveryRequests(database.db, accounts.requestReset);
  const routes = authRoutes(
    { store, accounts, passwords, issuer, limits, wishes, background },
    { private: config.privateRoutes },
  );
  const authorize = createAuthorize(verifier, revocations);
  const app = createAuthApp({
    ...{ log, metrics, telemetry, routes, authorize, keys },
    trusts: config.trustsProxy,
  });
  const { receiveWithinMs } = config;
  const server = await listen(app, config.host, config.port, { log, metrics, receiveWithinMs });
  const grantsSince = await firstSeen(database.db, 'link-grants', new Date());
  const earlierUntil = new Date(grantsSince.getTime() + linkSeconds * 1000);
  serveLinks(broker, log, createLinkAnswer({ store, issuer, authorize, linkSeconds, earlierUntil }));
  await registerService(broker, 'auth', { routes, tags: authTags }, signal);
  const sweeping = sweepOutboxes({
    collection: store.collection,
    relay,
    broker,
    log,
    signal,
    timing: config.sweep,
  });
  const lookingInto = wishes.sweep(log, signal);
  const respelling = sweepEarlierAddresses(() => respellUsers(store, accounts, log, signal), {
    afterMs: config.earlierAddressesAfterMs,
    log,
    signal,
  });

  observeBroker(metrics, broker);
  observeRevocations(metrics, revocations, broker);
  observeOutbox(metrics, store.collection);
  metrics.observe('password_hashes_waiting', 'Passwords that wait for their turn to be hashed', async () =>
    passwords.waiting(),
  );
  metrics.observe('limits_local', '1 while limits count in this process alone', async () =>
    limits.isLocal() ? 1 : 0,
  );

  return {
    port: server.port,
    metrics: metrics.registry,
    health: () => checkParts(broker, database),
    async stop() {
      limits.endWaits();
      await server.drain(config.drainMs);
      await background.settled();
      running.abort();
      await Promise.all([sweeping, respelling, lookingInto]);
      await relay.flush();
      await broker.close();
      await database.close();
    },
  };
}
