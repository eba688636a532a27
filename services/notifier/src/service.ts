import { warnOfDefaultSecrets } from '@quartet/common/config/default-secrets.ts';
import { connectDatabase, isDatabaseAway } from '@quartet/common/database/database.ts';
import { sweepEarlierAddresses } from '@quartet/common/database/earlier-addresses.ts';
import { connectBroker } from '@quartet/common/events/broker/broker.ts';
import { waitForTopology } from '@quartet/common/events/broker/topology.ts';
import { runConsumer } from '@quartet/common/events/consumer/consumer.ts';
import { openDeadLetters } from '@quartet/common/events/dead-letters/dead-letters.ts';
import {
  countEvents,
  observeBroker,
  observeConsumer,
  observeDeadLetters,
} from '@quartet/common/events/event-metrics.ts';
import { requestLink } from '@quartet/common/events/password-link-request.ts';
import { listen } from '@quartet/common/http/server/server.ts';
import { registerService } from '@quartet/common/openapi/register-service.ts';
import { checkParts } from '@quartet/common/process/health.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import { createMetrics } from '@quartet/common/process/metrics.ts';
import { noTelemetry, type Telemetry } from '@quartet/common/telemetry/telemetry.ts';
import { startTokenCheck } from '@quartet/common/tokens/token-check.ts';
import { createNotifierApp, notifierTags } from './app.ts';
import type { NotifierConfig } from './config.ts';
import { createComposeEmail } from './emails/compose.ts';
import { openEmailStore } from './emails/email-store.ts';
import { onPasswordChanged } from './events/on-password-changed.ts';
import { onPasswordGuessingDetected } from './events/on-password-guessing-detected.ts';
import { onPasswordResetRequested } from './events/on-password-reset-requested.ts';
import { onUserCreated } from './events/on-user-created.ts';
import { onUserDeleted } from './events/on-user-deleted.ts';
import { onUserUpdated } from './events/on-user-updated.ts';
import { createQueueEmail } from './events/queue-email.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { emailRoutes } from './routes/emails.ts';
import { recoveryHtmlRoute } from './routes/recovery-html.ts';
import { testEmailRoute } from './routes/test-email.ts';
import { type Sender, startSender } from './sending/sender.ts';
import { createSmtp } from './smtp/smtp.ts';

/** Between two e-mails of a kind to one address. */
export const SAME_KIND_PAUSE_MS = 60_000;

/** What is still being sent so long after the beginning of the end is broken off; 10 s are all there is. */
const CUT_OFF_AFTER_MS = 7_000;

/** Starts the notifier: wires its parts and returns once it answers. */
export async function startNotifier(
  config: NotifierConfig & {
    sameKindPauseMs?: number | undefined;
    /** How long after its start it brings addresses of an earlier release into the form. */
    earlierAddressesAfterMs?: number | undefined;
  },
  log: Log,
  telemetry: Telemetry = noTelemetry,
): Promise<Service> {
  warnOfDefaultSecrets(config.defaultSecrets, log);
  const { projectName } = config;
  const metrics = createMetrics();
  const { tracing } = telemetry;
  const running = new AbortController();
  const { signal } = running;
  const cutOff = new AbortController();
  const [database, broker] = await Promise.all([
    connectDatabase(config.database, 'quartet-notifier', log, signal, { metrics, tracing }),
    connectBroker({ ...config.broker, name: 'notifier', log, signal, tracing }),
  ]);
  const [store] = await Promise.all([openEmailStore(database.db), waitForTopology(broker, log, signal)]);
  const authorize = await startTokenCheck(config.authUrls, { broker, metrics, log, signal });

  const compose = createComposeEmail(config, (request) => requestLink(broker, request));
  const smtp = 'missing' in config.smtp ? config.smtp : createSmtp(config.smtp, tracing);
  const waitingFor = 'missing' in smtp ? smtp.missing : null;
  if (waitingFor !== null) {
    log.warn({ reason: waitingFor }, 'e-mails wait until they can be sent');
    await store.explainWaiting(waitingFor);
  }
  const sameKindPauseMs = config.sameKindPauseMs ?? SAME_KIND_PAUSE_MS;
  let sender: Sender | undefined;
  const queued = () => sender?.wake();

  const queueEmail = createQueueEmail(store, { projectName, waitingFor }, queued);
  const handlers = {
    'user.created': onUserCreated(queueEmail),
    'user.updated': onUserUpdated(queueEmail),
    'user.deleted': onUserDeleted(store, queueEmail),
    'password.reset-requested': onPasswordResetRequested(queueEmail),
    'password.changed': onPasswordChanged(queueEmail),
    'password.guessing-detected': onPasswordGuessingDetected(queueEmail),
  };
  // So that its health says when they are not there.
  broker.looks.keep(broker.names.deadLetterStream, {}, signal).catch(() => undefined);
  const routes = [
    testEmailRoute({ store, compose, projectName, smtp, log, cutOff: cutOff.signal }),
    recoveryHtmlRoute(compose),
    ...emailRoutes({ store, waitingFor, queued }),
    ...deadLetterRoutes(openDeadLetters(broker)),
  ];
  const consumer = await runConsumer({
    broker,
    name: 'notifier',
    handlers,
    log,
    retry: config.retry,
    isAway: isDatabaseAway,
    counts: countEvents(metrics),
  });
  const server = await listen(
    createNotifierApp({ log, metrics, telemetry, routes, authorize, trusts: config.trustsProxy }),
    config.host,
    config.port,
    { log, metrics, receiveWithinMs: config.receiveWithinMs },
  );
  await registerService(broker, 'notifier', { routes, tags: notifierTags, handlers }, signal);
  // Last: what is in hand when a start fails would go out twice.
  if (!('missing' in smtp) && !('missing' in config.smtp)) {
    const parts = { store, smtp, compose, sameKindPauseMs, log, tracing };
    sender = startSender(parts, config.smtp.connections);
  }
  const respelling = sweepEarlierAddresses(() => store.respell(signal), {
    afterMs: config.earlierAddressesAfterMs,
    log,
    signal,
  });

  observeBroker(metrics, broker);
  observeConsumer(metrics, broker, 'notifier');
  observeDeadLetters(metrics, broker);
  metrics.observe('emails', 'E-mails by status', () => store.countByStatus(), 'status');

  return {
    port: server.port,
    metrics: metrics.registry,
    health: () => checkParts(broker, database),
    async stop() {
      const timer = setTimeout(() => cutOff.abort('the notifier is stopping'), CUT_OFF_AFTER_MS);
      const stopSending = () => consumer.stop().then(() => sender?.stop(cutOff.signal));
      await Promise.all([server.drain(config.drainMs), stopSending()]);
      clearTimeout(timer);
      if ('close' in smtp) smtp.close();
      running.abort();
      await respelling;
      await broker.close();
      await database.close();
    },
  };
}
