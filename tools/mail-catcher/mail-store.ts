import { randomInt } from 'node:crypto';
import { type Envelope, withEnvelope } from './envelope.ts';
import { createSnippet, htmlToText } from './html-text.ts';
import { createMailFiles, type MailFile } from './mail-files.ts';
import { parseMail } from './parse-mail.ts';
import { addressText, normalize, parseQuery, type Searchable } from './search.ts';

/** `username` is empty when the client did not authenticate. */
export type Mail = MailFile & Searchable & { username: string; snippet: string };

export type MailStore = {
  load(): Promise<void>;
  add(raw: Buffer, envelope: Envelope, username: string): Promise<Mail>;
  list(query?: string): Mail[];
  find(id: string): Mail | undefined;
  remove(mails: Mail[]): Promise<void>;
  stats(): { accepted: number; acceptedBytes: number; deleted: number; rejected: number };
  countRejected(): void;
};

// Mailpit's ids have this shape: 22 letters that do not look alike, with more than 128 random bits.
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const newId = (): string => Array.from({ length: 22 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

async function describe(file: MailFile, username: string): Promise<Mail> {
  const { messageId, subject, from, to, cc, bcc, replyTo, returnPath, text, html, parts } = await parseMail(
    file.raw,
  );
  const attachments = parts.filter((part) => !part.inline);
  const words = [
    addressText([from, ...to, ...cc, ...bcc, ...replyTo]),
    returnPath,
    subject,
    text,
    htmlToText(html),
  ];
  return {
    ...file,
    ...{ messageId, subject, from: [from], to, cc, bcc, replyTo, username },
    read: false,
    attachments: attachments.length,
    inline: parts.length - attachments.length,
    text: normalize([...words, ...attachments.map((part) => part.fileName)].join(' ')),
    snippet: createSnippet(text, html),
  };
}

export function createMailStore(options: { maxMails: number; directory?: string }): MailStore {
  const files = options.directory === undefined ? undefined : createMailFiles(options.directory);
  const counters = { accepted: 0, acceptedBytes: 0, deleted: 0, rejected: 0 };
  let mails: Mail[] = [];
  let sequence = 0;

  async function drop(gone: Mail[]): Promise<void> {
    const ids = new Set(gone.map(({ id }) => id));
    mails = mails.filter(({ id }) => !ids.has(id));
    await Promise.all(gone.map((mail) => files?.remove(mail)));
  }

  async function insert(mail: Mail): Promise<void> {
    // Mails that arrive together may finish out of order.
    mails = [mail, ...mails].sort((a, b) => b.createdAtMs - a.createdAtMs || b.sequence - a.sequence);
    await drop(mails.slice(options.maxMails));
  }

  return {
    async load() {
      for (const file of (await files?.load()) ?? []) {
        sequence = Math.max(sequence, file.sequence);
        await insert(await describe(file, ''));
      }
    },
    async add(raw, envelope, username) {
      sequence += 1;
      const place = { id: newId(), createdAtMs: Date.now(), sequence };
      const file = { ...place, raw: await withEnvelope(raw, envelope, place.id) };
      const mail = await describe(file, username);
      await files?.write(file);
      await insert(mail);
      counters.accepted += 1;
      counters.acceptedBytes += file.raw.length;
      return mail;
    },
    list: (query) => (query === undefined ? mails : mails.filter(parseQuery(query))),
    find: (id) => mails.find((mail) => mail.id === id),
    async remove(gone) {
      await drop(gone);
      counters.deleted += gone.length;
    },
    stats: () => ({ ...counters }),
    countRejected() {
      counters.rejected += 1;
    },
  };
}
