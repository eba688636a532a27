import { createServer } from 'node:http';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import type { MailCatcherConfig } from './config.ts';
import { listen } from './listen.ts';
import { createMailStore } from './mail-store.ts';
import { createSmtpServer } from './smtp.ts';

/** The ports are the real ones once `start` has resolved. */
export type MailCatcher = {
  readonly smtpPort: number;
  readonly httpPort: number;
  /** @throws {Error} when a port or the directory cannot be used; nothing listens then */
  start(): Promise<void>;
  /** It closes open connections within half a second. */
  stop(): Promise<void>;
};

export function createMailCatcher(options: MailCatcherConfig, log: Logger): MailCatcher {
  const { host } = options;
  const store = createMailStore(options);
  const smtp = createSmtpServer(store, log);
  const http = createServer(createApp(store, options, log));
  let { smtpPort, httpPort } = options;

  async function stop(): Promise<void> {
    const closed = [
      new Promise<void>((resolve) => smtp.close(resolve)),
      new Promise<void>((resolve) => http.close(() => resolve())),
    ];
    http.closeAllConnections();
    await Promise.all(closed);
  }

  return {
    get smtpPort() {
      return smtpPort;
    },
    get httpPort() {
      return httpPort;
    },
    async start() {
      await store.load();
      try {
        smtpPort = await listen(smtp.server, host, smtpPort, 'MAIL_SMTP_PORT');
        httpPort = await listen(http, host, httpPort, 'MAIL_HTTP_PORT');
      } catch (err) {
        await stop();
        throw err;
      }
      log.info({ host, smtpPort, httpPort, mails: store.list().length }, 'listening');
    },
    stop,
  };
}
