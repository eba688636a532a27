import { isDatabaseAway } from '@quartet/common/database/database.ts';
import { sweepEarlierAddresses } from '@quartet/common/database/earlier-addresses.ts';
import { waitForTopology } from '@quartet/common/events/broker/topology.ts';
import { deadLetterBacklog, openDeadLetters } from '@quartet/common/events/dead-letters/dead-letters.ts';
import { observeDeadLetters } from '@quartet/common/events/event-metrics.ts';
import { isServiceAway, requestAddress, requestLink } from '@quartet/common/events/user-request.ts';
import { registerService } from '@quartet/common/openapi/register-service.ts';
import type { Service } from '@quartet/common/process/lifecycle.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import type { HandlersOf } from '@quartet/common/service/description.ts';
import { startConsumer } from '@quartet/common/service/events.ts';
import { connectParts } from '@quartet/common/service/parts.ts';
import { serve, toService } from '@quartet/common/service/serve.ts';
import { noTelemetry, type Telemetry } from '@quartet/common/telemetry/telemetry.ts';
import { startTokenCheck } from '@quartet/common/tokens/token-check.ts';
import type { services } from '../../services.ts';
import type { NotifierConfig } from './config.ts';
import { createComposeEmail } from './emails/compose.ts';
import { openEmailStore } from './emails/email-store.ts';
import { onPasswordChanged } from './events/on-password-changed.ts';
import { onPasswordGuessingDetected } from './events/on-password-guessing-detected.ts';
import { onPasswordResetRequested } from './events/on-password-reset-requested.ts';
import { onUserCreated } from './events/on-user-created.ts';
import { onUserDeleted } from './events/on-user-deleted.ts';
import { onUserSessionStolen } from './events/on-user-session-stolen.ts';
import { onUserUpdated } from './events/on-user-updated.ts';
import { onUserVerificationRequested } from './events/on-user-verification-requested.ts';
import { createQueueEmail } from './events/queue-email.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { emailRoutes } from './routes/emails.ts';
import { recoveryHtmlRoute } from './routes/recovery-html.ts';
import { testEmailRoute } from './routes/test-email.ts';
import { type Sender, startSender } from './sending/sender.ts';
import { createSmtp } from './smtp/smtp.ts';

const tags = [
  { name: 'emails', description: 'What became of e-mails; for superusers.' },
  { name: 'dead-letters', description: 'Events that a service gave up; for superusers.' },
];

export const SAME_KIND_PAUSE_MS = 60_000;

/** A process has 10 s to end after SIGTERM. */
const CUT_OFF_AFTER_MS = 7_000;

export async function startNotifier(
  config: NotifierConfig & {
    sameKindPauseMs?: number | undefined;
    earlierAddressesAfterMs?: number | undefined;
  },
  log: Log,
  telemetry: Telemetry = noTelemetry,
): Promise<Service> {
  const { projectName } = config;
  const { tracing } = telemetry;
  const cutOff = new AbortController();
  const parts = await connectParts('notifier', config, log, telemetry);
  const { broker, database, metrics, signal } = parts;
  const [store] = await Promise.all([openEmailStore(database.db), waitForTopology(broker, log, signal)]);
  const authorize = await startTokenCheck(config.authUrls, parts);

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

  const addressOf = (userId: string) => requestAddress(broker, userId);
  const queueEmail = createQueueEmail({ store, addressOf, onQueued: queued }, { projectName, waitingFor });
  const handlers: HandlersOf<typeof services.notifier> = {
    'user.created': onUserCreated(queueEmail, config.signUpEmails),
    'user.updated': onUserUpdated(queueEmail, config.signUpEmails),
    'user.deleted': onUserDeleted(store, queueEmail),
    'password.reset-requested': onPasswordResetRequested(queueEmail),
    'password.changed': onPasswordChanged(queueEmail),
    'password.guessing-detected': onPasswordGuessingDetected(queueEmail),
    'user.session-stolen': onUserSessionStolen(queueEmail),
    'user.verification-requested': onUserVerificationRequested(queueEmail),
  };
  // The health check says when the stream is missing.
  broker.looks.keep(broker.names.deadLetterStream, {}, signal).catch(() => undefined);
  const routes = [
    testEmailRoute({ store, compose, projectName, smtp, log, cutOff: cutOff.signal }),
    recoveryHtmlRoute(compose),
    ...emailRoutes({ store, waitingFor, queued }),
    ...deadLetterRoutes(openDeadLetters(broker)),
  ];
  const isAway = (err: unknown) => isDatabaseAway(err) || isServiceAway(err);
  const consumer = await startConsumer(parts, handlers, { retry: config.retry, isAway });
  const server = await serve(parts, config, { routes, authorize, isAway });
  await registerService(broker, parts.name, { routes, tags, handlers }, signal);
  // This comes last: an e-mail that is in flight when a start fails would be sent twice.
  if (!('missing' in smtp) && !('missing' in config.smtp)) {
    const sending = { store, smtp, compose, sameKindPauseMs, log, tracing };
    sender = startSender(sending, config.smtp.connections);
  }
  const rewriting = sweepEarlierAddresses(() => store.respell(signal), {
    afterMs: config.earlierAddressesAfterMs,
    log,
    signal,
  });

  parts.status.add('emails', store.backlog);
  parts.status.add('dead_letters', () => deadLetterBacklog(broker));
  observeDeadLetters(metrics, broker);
  metrics.observe('emails', 'E-mails by status', () => store.countByStatus(), 'status');

  return toService(parts, server, async () => {
    const timer = setTimeout(() => cutOff.abort('the notifier is stopping'), CUT_OFF_AFTER_MS);
    const stopSending = () => consumer.stop().then(() => sender?.stop(cutOff.signal));
    await Promise.all([server.drain(config.drainMs), stopSending()]);
    clearTimeout(timer);
    if ('close' in smtp) smtp.close();
    parts.endBackground();
    await rewriting;
    await parts.close();
  });
}
