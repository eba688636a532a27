import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import type { MailCatcherConfig } from './config.ts';
import { refuseForeignPages } from './foreign-pages.ts';
import { answerErrors, answerNotFound } from './http-error.ts';
import type { MailStore } from './mail-store.ts';
import { infoRoutes } from './routes-info.ts';
import { messageRoutes } from './routes-message.ts';
import { messagesRoutes } from './routes-messages.ts';
import { viewRoutes } from './routes-view.ts';

const PAGE = fileURLToPath(new URL('./page', import.meta.url));

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function createApp(
  store: MailStore,
  { directory, hosts = [] }: Pick<MailCatcherConfig, 'directory' | 'hosts'>,
  log: Logger,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_req, res, next) => {
    res.set({
      'Content-Security-Policy': PAGE_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
    });
    next();
  });
  app.use(refuseForeignPages(hosts));
  app.use(express.text({ type: () => true, limit: '1mb' }));
  app.use(infoRoutes(store, directory), messagesRoutes(store), messageRoutes(store), viewRoutes(store));
  app.use(express.static(PAGE, { cacheControl: false }));
  app.use(answerNotFound, answerErrors(log));
  return app;
}
