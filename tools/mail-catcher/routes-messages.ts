import { type Request, Router } from 'express';
import { z } from 'zod';
import { headOf, queryText } from './find-mail.ts';
import { HttpError } from './http-error.ts';
import type { Mail, MailStore } from './mail-store.ts';
import type { MessageSummary, MessagesSummary } from './mailpit.ts';

const readBody = z.object({
  Read: z.boolean().default(false),
  IDs: z.array(z.string()).nullish(),
  Search: z.string().default(''),
});
const deleteBody = z.object({ IDs: z.array(z.string()).nullish() });

/** @throws {HttpError} 400 that names the first mistake; an empty body is an empty object */
function parseBody<T>(req: Request, schema: z.ZodType<T>): T {
  const text = typeof req.body === 'string' ? req.body.trim() : '';
  let body: unknown = {};
  try {
    if (text !== '') body = JSON.parse(text);
  } catch {
    throw new HttpError(400, 'body is not valid JSON');
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new HttpError(400, `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}

/** As in Mailpit, anything but a whole number counts as missing, and a limit of 0 is no limit. */
function readPage(req: Request): { start: number; limit: number } {
  const whole = (name: string, fallback: number): number => {
    const text = queryText(req, name);
    return /^\d{1,9}$/.test(text) ? Number(text) : fallback;
  };
  return { start: whole('start', 0), limit: whole('limit', 50) || Number.POSITIVE_INFINITY };
}

function summarize(mail: Mail): MessageSummary {
  const { read: Read, attachments: Attachments, snippet: Snippet, createdAtMs } = mail;
  return { ...headOf(mail), Read, Attachments, Snippet, Created: new Date(createdAtMs).toISOString() };
}

const countUnread = (mails: Mail[]): number => mails.filter((mail) => !mail.read).length;

function answer(store: MailStore, matching: Mail[], req: Request): MessagesSummary {
  const { start, limit } = readPage(req);
  const all = store.list();
  const messages = matching.slice(start, start + limit).map(summarize);
  return {
    total: all.length,
    unread: countUnread(all),
    count: messages.length,
    messages_count: matching.length,
    messages_unread: countUnread(matching),
    start,
    tags: [],
    messages,
  };
}

function pick(store: MailStore, ids: string[]): Mail[] {
  const wanted = new Set(ids);
  return store.list().filter(({ id }) => wanted.has(id));
}

function requireQuery(req: Request): string {
  const query = queryText(req, 'query');
  if (query === '') throw new HttpError(400, 'Error: no search query');
  return query;
}

export function messagesRoutes(store: MailStore): Router {
  const router = Router();
  router.get('/api/v1/messages', (req, res) => {
    res.json(answer(store, store.list(), req));
  });
  router.get('/api/v1/search', (req, res) => {
    res.json(answer(store, store.list(requireQuery(req)), req));
  });
  router.put('/api/v1/messages', (req, res) => {
    const { Read, IDs, Search } = parseBody(req, readBody);
    const byId = IDs?.length ? IDs : undefined;
    if (byId && Search) throw new HttpError(400, 'You may specify either IDs or a search query, not both');
    const mails = byId ? pick(store, byId) : store.list(Search || undefined);
    for (const mail of mails) mail.read = Read;
    res.type('text/plain').send('ok');
  });
  router.delete('/api/v1/messages', async (req, res) => {
    const { IDs } = parseBody(req, deleteBody);
    await store.remove(IDs?.length ? pick(store, IDs) : store.list());
    res.type('text/plain').send('ok');
  });
  router.delete('/api/v1/search', async (req, res) => {
    await store.remove(store.list(requireQuery(req)));
    res.type('text/plain').send('ok');
  });
  return router;
}
