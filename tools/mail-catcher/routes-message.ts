import { createHash } from 'node:crypto';
import { type Request, Router } from 'express';
import { findMail, headOf, queryText } from './find-mail.ts';
import { readHeaders } from './headers.ts';
import { notFound } from './http-error.ts';
import type { Mail, MailStore } from './mail-store.ts';
import type { AttachmentSummary, Message } from './mailpit.ts';
import { type Part, parseMail } from './parse-mail.ts';

// A browser may execute any other type as a page of our origin, so it is only offered for download.
const PASSIVE = /^(?:image\/(?:png|jpeg|gif|webp|avif|bmp)|text\/(?:plain|csv)|(?:audio|video)\/[\w.+-]+)$/i;

function summarizePart(part: Part): AttachmentSummary {
  const digest = (algorithm: string): string => createHash(algorithm).update(part.content).digest('hex');
  return {
    PartID: part.partId,
    FileName: part.fileName,
    ContentType: part.contentType,
    ContentID: part.contentId,
    Size: part.content.length,
    Checksums: { MD5: digest('md5'), SHA1: digest('sha1'), SHA256: digest('sha256') },
  };
}

async function toMessage(mail: Mail): Promise<Message> {
  const { returnPath, listUnsubscribe, date, text, html, parts } = await parseMail(mail.raw);
  const named = parts.filter((part) => part.fileName !== '');
  return {
    ...headOf(mail),
    ReturnPath: returnPath,
    ListUnsubscribe: listUnsubscribe,
    Date: (date ?? new Date(mail.createdAtMs)).toISOString(),
    Text: text,
    HTML: html,
    Inline: named.filter((part) => part.inline).map(summarizePart),
    Attachments: named.filter((part) => !part.inline).map(summarizePart),
  };
}

/** Reading the message marks it read, reading its source does not. */
export function messageRoutes(store: MailStore): Router {
  const router = Router();
  const find = (req: Request<{ id: string }>): Mail => findMail(store, req, notFound());

  router.get('/api/v1/message/:id', async (req, res) => {
    const mail = find(req);
    const message = await toMessage(mail);
    mail.read = true;
    res.json(message);
  });
  router.get('/api/v1/message/:id/headers', (req, res) => {
    res.json(readHeaders(find(req).raw));
  });
  router.get('/api/v1/message/:id/raw', (req, res) => {
    const { id, raw } = find(req);
    if (queryText(req, 'dl') === '1') res.set('Content-Disposition', `attachment; filename="${id}.eml"`);
    res.set('Content-Type', 'text/plain; charset=utf-8').send(raw);
  });
  router.get('/api/v1/message/:id/part/:partId', async (req, res) => {
    const { parts } = await parseMail(find(req).raw);
    const part = parts.find(({ partId }) => partId === req.params.partId);
    if (part === undefined) throw notFound();
    const inline = PASSIVE.test(part.contentType);
    const name = encodeURIComponent(part.fileName.toWellFormed());
    res.set('Content-Disposition', `${inline ? 'inline' : 'attachment'}; filename="${name}"`);
    res.set('Content-Security-Policy', "sandbox; default-src 'none'");
    res.set('Content-Type', inline ? part.contentType : 'application/octet-stream').send(part.content);
  });
  return router;
}
