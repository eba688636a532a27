import { warnOfWeakSecrets } from '@quartet/common/config/weak-secrets.ts';
import { sweepEarlierAddresses } from '@quartet/common/database/earlier-addresses.ts';
import { ensureTopology, keepTopology } from '@quartet/common/events/broker/topology.ts';
import { observeRevocations } from '@quartet/common/events/event-metrics.ts';
import { openLimitBucket } from '@quartet/common/events/kv/limit-bucket.ts';
import { createRevocationPublisher, watchRevocations } from '@quartet/common/events/kv/revocation-bucket.ts';
import { createRevocationGuard } from '@quartet/common/events/kv/revocation-guard.ts';
import type { SweepTiming } from '@quartet/common/events/outbox/sweep.ts';
import { serveUserRequests } from '@quartet/common/events/user-request.ts';
import { registerService } from '@quartet/common/openapi/register-service.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { openOutboxes } from '@quartet/common/service/events.ts';
import { connectParts } from '@quartet/common/service/parts.ts';
import { serve, toService } from '@quartet/common/service/serve.ts';
import { noTelemetry, type Telemetry } from '@quartet/common/telemetry/telemetry.ts';
import { createAuthorize } from '@quartet/common/tokens/access.ts';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { createVerifier } from '@quartet/common/tokens/verifier.ts';
import { authRoutes, authTags, serveKeys } from './app.ts';
import { bucketMemory, featureSince } from './auth-state.ts';
import { createBackground } from './background.ts';
import { type Clock, systemClock } from './clock.ts';
import type { AuthConfig } from './config.ts';
import { longestLifeMs } from './limits/limit-settings.ts';
import { createLimits, noLimits } from './limits/limits.ts';
import { createLimitKeys } from './limits/state-store.ts';
import { openLinkRequests } from './links/link-requests.ts';
import { createLinkAnswer } from './links/links.ts';
import { createPasswords } from './passwords.ts';
import { seedFirstSuperuser } from './seed.ts';
import { createRefreshTokens } from './sessions/refresh-token.ts';
import { openSessionStore } from './sessions/session-store.ts';
import { oncePerMinute, sweepSessions } from './sessions/session-sweep.ts';
import { createSessions } from './sessions/sessions.ts';
import type { StoredSession } from './sessions/stored-session.ts';
import { firstSeen } from './tokens/key-store.ts';
import { createRevoker, revokeWhatWaits } from './tokens/revoker.ts';
import { deriveSigningKey, ownKeys } from './tokens/signing-keys.ts';
import { createTokenIssuer } from './tokens/token-issuer.ts';
import { createAccounts } from './users/accounts.ts';
import { respellUsers } from './users/earlier-addresses.ts';
import type { User } from './users/user.ts';
import { mayEndSessions } from './users/user-sessions.ts';
import { openUserStore } from './users/user-store.ts';

export async function startAuth(
  config: AuthConfig & {
    sweep?: SweepTiming | undefined;
    clock?: Clock | undefined;
    limitsWaitMs?: number | undefined;
    earlierAddressesAfterMs?: number | undefined;
  },
  log: Log,
  telemetry: Telemetry = noTelemetry,
): Promise<Service> {
  warnOfWeakSecrets(config.weakSecrets, log);
  const parts = await connectParts('auth', config, log, telemetry);
  const { broker, database, metrics, signal } = parts;
  const guard = await createRevocationGuard(broker, bucketMemory(database.db, broker.names.revocations), log);
  const ensure = () =>
    ensureTopology(broker, config.accessTokenSeconds, {
      limitLifeSeconds: config.limits && longestLifeMs(config.limits) / 1000,
      replicas: config.brokerReplicas,
      knownSince: guard.beginning,
    });
  const [store, sessionStore, passwords] = await Promise.all([
    openUserStore(database.db),
    openSessionStore(database.db),
    createPasswords(config.hashRounds),
    ensure(),
  ]);
  keepTopology(broker, ensure, signal);

  const revocations = createRevocationMap();
  const publisher = await createRevocationPublisher(broker, guard.saw);
  await guard.keep(signal);
  await watchRevocations(broker, revocations, log, signal, { publisher, guard });
  const revoker = createRevoker(revocations, publisher, config.accessTokenSeconds);
  // Every process knows that a token is revoked before an event says why.
  const outboxes = openOutboxes<User>(parts, store.collection, async (user) => {
    await revoker.publish(user);
    if (mayEndSessions(user)) await sessions.removeEnded(user);
  });
  const sessionOutboxes = openOutboxes<StoredSession>(parts, sessionStore.collection, revoker.publishSession);
  const { relay } = outboxes;
  await revokeWhatWaits(store, sessionStore, revoker, log);

  const [current, ...previous] = config.secretKeys.map(deriveSigningKey);
  if (!current) throw new Error('auth needs a secret key');
  const keys: [typeof current, ...typeof previous] = [current, ...previous];
  const verifier = createVerifier(ownKeys(keys));
  const { verification } = config;
  const { linkSeconds } = verification;
  const signsFrom =
    (await firstSeen(database.db, current.jwk.kid, new Date())).getTime() + config.keyRolloutMs;
  const isRolledOut = () => Date.now() >= signsFrom;
  const issuer = createTokenIssuer(keys, { linkSeconds }, isRolledOut, revocations.knownSince);
  const sessions = createSessions({
    store: sessionStore,
    users: store,
    relay: sessionOutboxes.relay,
    refreshTokens: createRefreshTokens(keys, isRolledOut),
    ...{ issuer, revoker, revocations, verification, life: config.sessionLife, signal },
    refreshed: metrics.count('session_refreshes_total', 'Refresh tokens that were presented', 'outcome'),
  });
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
  const accounts = createAccounts({
    ...{ store, relay, passwords, issuer, verifier, revoker, verification, passwordSet },
  });
  await seedFirstSuperuser(store, accounts, config.firstSuperuser, log);

  const recoveryRequests = openLinkRequests(database.db, 'recovery_requests', accounts.requestReset);
  const verificationRequests = openLinkRequests(
    database.db,
    'verification_requests',
    accounts.requestVerification,
  );
  const routes = authRoutes(
    {
      ...{ store, accounts, sessions, passwords, limits, background },
      ...{ recoveryRequests, verificationRequests, verification },
    },
    { private: config.privateRoutes, corsOrigins: config.corsOrigins },
  );
  const authorize = createAuthorize(verifier, revocations);
  const server = await serve(parts, config, { routes, authorize, beside: [serveKeys(keys)] });
  const grantsSince = await featureSince(database.db, 'link-grants', new Date());
  const earlierUntil = new Date(grantsSince.getTime() + linkSeconds * 1000);
  serveUserRequests(broker, log, createLinkAnswer({ store, issuer, authorize, linkSeconds, earlierUntil }));
  await registerService(broker, parts.name, { routes, tags: authTags }, signal);
  outboxes.sweep(config.sweep);
  sessionOutboxes.sweep(config.sweep);
  const sweepingSessions = sweepSessions(sessionStore, log, signal, config.sweep?.everyMs);
  const processingRequests = [recoveryRequests, verificationRequests].map((requests) =>
    requests.sweep(log, signal),
  );
  const respelling = sweepEarlierAddresses(() => respellUsers(store, accounts, log, signal), {
    afterMs: config.earlierAddressesAfterMs,
    log,
    signal,
  });

  const givingWords = store.sweepWords(log, signal, config.earlierAddressesAfterMs);

  parts.status.add('documents', async () => ({ name: 'users', count: await store.count() }));
  observeRevocations(metrics, revocations, broker);
  metrics.observe('password_hashes_waiting', 'Passwords that wait for their turn to be hashed', async () =>
    passwords.waiting(),
  );
  metrics.observe('sessions_open', 'Sessions in the database', oncePerMinute(sessionStore.estimate));
  metrics.observe('limits_local', '1 while limits count in this process alone', async () =>
    limits.isLocal() ? 1 : 0,
  );

  return toService(parts, server, async () => {
    limits.endWaits();
    await server.drain(config.drainMs);
    await background.settled();
    parts.endBackground();
    await Promise.all([respelling, givingWords, ...processingRequests, sweepingSessions]);
    await Promise.all([outboxes.finish(), sessionOutboxes.finish()]);
    await parts.close();
  });
}
