import { Router } from 'express';
import type { MailStore } from './mail-store.ts';
import type { AppInformation } from './mailpit.ts';

export function infoRoutes(store: MailStore, directory: string | undefined): Router {
  const router = Router();
  const startedAtMs = Date.now();

  router.get('/api/v1/info', (_req, res) => {
    const mails = store.list();
    const { accepted, acceptedBytes, deleted, rejected } = store.stats();
    const info: AppInformation = {
      Version: 'mail-catcher',
      LatestVersion: 'disabled',
      Database: directory ?? 'memory',
      DatabaseSize: mails.reduce((bytes, { raw }) => bytes + raw.length, 0),
      Messages: mails.length,
      Unread: mails.filter(({ read }) => !read).length,
      Tags: {},
      RuntimeStats: {
        Uptime: Math.floor((Date.now() - startedAtMs) / 1000),
        Memory: process.memoryUsage.rss(),
        MessagesDeleted: deleted,
        SMTPAccepted: accepted,
        SMTPAcceptedSize: acceptedBytes,
        SMTPRejected: rejected,
        SMTPIgnored: 0,
      },
    };
    res.json(info);
  });
  router.get(['/livez', '/readyz'], (_req, res) => {
    res.status(200).end();
  });
  return router;
}
