import { warnOfDefaultSecrets } from '@quartet/common/config.ts';
import { connectDatabase } from '@quartet/common/database.ts';
import { connectBroker } from '@quartet/common/events/broker.ts';
import { runConsumer } from '@quartet/common/events/consumer.ts';
import { requestLink } from '@quartet/common/events/requests.ts';
import { waitForTopology } from '@quartet/common/events/topology.ts';
import { checkParts } from '@quartet/common/health.ts';
import { listen } from '@quartet/common/http/server.ts';
import type { Service } from '@quartet/common/lifecycle.ts';
import type { Log } from '@quartet/common/logging.ts';
import { announceService } from '@quartet/common/openapi/announce-service.ts';
import { startTokenCheck } from '@quartet/common/token-check.ts';
import { createNotifierApp } from './app.ts';
import { createCompose } from './compose.ts';
import type { NotifierConfig } from './config.ts';
import { openEmailStore } from './email-store.ts';
import { onPasswordChanged } from './events/on-password-changed.ts';
import { onPasswordResetRequested } from './events/on-password-reset-requested.ts';
import { onUserCreated } from './events/on-user-created.ts';
import { onUserDeleted } from './events/on-user-deleted.ts';
import { createQueueEmail } from './events/queue-email.ts';
import { recoveryHtmlRoute } from './routes/recovery-html.ts';
import { testEmailRoute } from './routes/test-email.ts';
import { startSender } from './sender.ts';
import { createSmtp } from './smtp.ts';

/** Starts the notifier: wires its parts and returns once it answers. */
export async function startNotifier(config: NotifierConfig, log: Log): Promise<Service> {
  warnOfDefaultSecrets(config.defaultSecrets, log);
  const { projectName } = config;
  const running = new AbortController();
  const { signal } = running;
  const [database, broker] = await Promise.all([
    connectDatabase(config.database, 'quartet-notifier', log, signal),
    connectBroker({ ...config.broker, name: 'notifier', log, signal }),
  ]);
  const [store] = await Promise.all([openEmailStore(database.db), waitForTopology(broker, log, signal)]);
  const authorize = await startTokenCheck(config.authUrls, broker, log, signal);

  const compose = createCompose(config, (request) => requestLink(broker, request));
  const smtp = 'missing' in config.smtp ? config.smtp : createSmtp(config.smtp, log);
  const waitingFor = 'missing' in smtp ? smtp.missing : null;
  if (waitingFor !== null) {
    log.warn({ reason: waitingFor }, 'e-mails wait until they can be sent');
    await store.explainWaiting(waitingFor);
  }
  const sender = 'missing' in smtp ? undefined : startSender({ store, smtp, compose, log });

  const queueEmail = createQueueEmail(store, { projectName, waitingFor }, () => sender?.wake());
  const handlers = {
    'user.created': onUserCreated(queueEmail),
    'user.deleted': onUserDeleted(store, queueEmail),
    'password.reset-requested': onPasswordResetRequested(queueEmail),
    'password.changed': onPasswordChanged(queueEmail),
  };
  const routes = [testEmailRoute({ store, compose, projectName, smtp }), recoveryHtmlRoute(compose)];
  const server = await listen(createNotifierApp({ log, routes, authorize }), config.host, config.port, log);
  const consumer = await runConsumer({ broker, name: 'notifier', handlers, log });
  await announceService(broker, 'notifier', { routes, handlers });

  return {
    port: server.port,
    health: () => checkParts(broker, database),
    async stop() {
      await server.drain();
      await consumer.stop();
      await sender?.stop();
      if ('close' in smtp) smtp.close();
      running.abort();
      await broker.close();
      await database.close();
    },
  };
}
