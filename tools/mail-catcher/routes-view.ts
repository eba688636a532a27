import { type Request, Router } from 'express';
import { findMail } from './find-mail.ts';
import { HttpError } from './http-error.ts';
import type { Mail, MailStore } from './mail-store.ts';
import { type ParsedMessage, type Part, parseMail } from './parse-mail.ts';

// A mail's HTML is not cleaned; this policy prevents scripts, forms and access to the page around it.
const MAIL_POLICY = [
  'sandbox allow-popups allow-popups-to-escape-sandbox',
  "default-src 'none'",
  'img-src data: https: http:',
  "style-src 'unsafe-inline'",
].join('; ');

/** The first base element wins, so ours is inserted before any of the mail's. */
function openLinksOutside(html: string): string {
  const places = [/<head(?:\s[^>]*)?>/i, /<html(?:\s[^>]*)?>/i, /<!doctype[^>]*>/i];
  const start = html.slice(0, 10_000);
  const found = places.map((place) => place.exec(start)).find((match) => match !== null);
  const at = found == null ? 0 : found.index + found[0].length;
  return `${html.slice(0, at)}<base target="_blank">${html.slice(at)}`;
}

/** Replaces `cid:` addresses (RFC 2392) by those of the parts, as in Mailpit. */
function linkInlineImages(html: string, id: string, parts: Part[]): string {
  const byContentId = new Map(parts.map((part) => [part.contentId.toLowerCase(), part]));
  return html.replace(/(["'(=])cid:([^"'()\s>]{1,300})/gi, (whole, before: string, contentId: string) => {
    const part = byContentId.get(contentId.toLowerCase());
    return part === undefined ? whole : `${before}/api/v1/message/${id}/part/${part.partId}`;
  });
}

export function viewRoutes(store: MailStore): Router {
  const router = Router();

  async function open(req: Request<{ id: string }>): Promise<{ mail: Mail; parsed: ParsedMessage }> {
    const mail = findMail(store, req, new HttpError(404, 'Message not found'));
    const parsed = await parseMail(mail.raw);
    mail.read = true;
    return { mail, parsed };
  }

  router.get('/view/:id.html', async (req, res) => {
    const { mail, parsed } = await open(req);
    if (parsed.html === '') throw new HttpError(404, 'This message does not contain a HTML part');
    const html = openLinksOutside(linkInlineImages(parsed.html, mail.id, parsed.parts));
    res.set('Content-Security-Policy', MAIL_POLICY);
    res.type('text/html').send(html);
  });
  router.get('/view/:id.txt', async (req, res) => {
    const { parsed } = await open(req);
    res.type('text/plain').send(parsed.text);
  });
  return router;
}
