import {
  type AddressObject,
  type Attachment,
  type EmailAddress,
  type ParsedMail,
  simpleParser,
} from 'mailparser';
import addressparser from 'nodemailer/lib/addressparser';
import { readHeaders } from './headers.ts';
import { htmlToText } from './html-text.ts';
import { parseListUnsubscribe } from './list-unsubscribe.ts';
import type { Address, ListUnsubscribe } from './mailpit.ts';

export type Part = {
  partId: string;
  fileName: string;
  contentType: string;
  contentId: string;
  inline: boolean;
  content: Buffer;
};

export type ParsedMessage = {
  messageId: string;
  from: Address;
  to: Address[];
  cc: Address[];
  bcc: Address[];
  replyTo: Address[];
  returnPath: string;
  subject: string;
  listUnsubscribe: ListUnsubscribe;
  date?: Date;
  text: string;
  html: string;
  parts: Part[];
};

function flatten(entries: EmailAddress[]): Address[] {
  return entries.flatMap((entry) => {
    if (entry.group !== undefined) return flatten(entry.group);
    return [{ Name: entry.name, Address: entry.address ?? '' }];
  });
}

const ENCODED_WORD = /=\?[^?]+\?[bq]\?[^?]*\?=/i;

/** The parser decodes encoded words in an address, which RFC 2047, 5 forbids: the raw address is used. */
function addresses(field: AddressObject | AddressObject[] | undefined, written: string[] = []): Address[] {
  const fields = field === undefined ? [] : [field].flat();
  const parsed = fields.flatMap(({ value }) => flatten(value));
  const asWritten = written.flatMap((value) => addressparser(value, { flatten: true }));
  if (asWritten.length !== parsed.length) return parsed;
  return parsed.map((address, index) => {
    const words = asWritten[index]?.address ?? '';
    return ENCODED_WORD.test(words) ? { ...address, Address: words } : address;
  });
}

function toPart(attachment: Attachment, index: number): Part {
  const contentId = attachment.cid ?? '';
  return {
    partId: attachment.partId ?? String(index + 1),
    fileName: attachment.filename ?? contentId,
    contentType: attachment.contentType,
    contentId,
    inline: attachment.contentDisposition === 'inline' || attachment.related === true,
    content: attachment.content,
  };
}

/** The parser returns "now" for a date that it cannot read; such a mail gets its time of arrival. */
function readDate(mail: ParsedMail, header: string | undefined): { date?: Date } {
  const readable = header !== undefined && !Number.isNaN(Date.parse(header));
  return readable && mail.date !== undefined ? { date: mail.date } : {};
}

export async function parseMail(raw: Buffer): Promise<ParsedMessage> {
  const mail = await simpleParser(raw, { skipImageLinks: true, skipTextToHtml: true, skipHtmlToText: true });
  const headers = readHeaders(raw);
  const first = (name: string): string => headers[name]?.[0] ?? '';
  const from = addresses(mail.from, headers.From)[0] ?? { Name: '', Address: '' };
  const html = mail.html || '';
  return {
    messageId: first('Message-Id').replace(/^<|>$/g, ''),
    from,
    to: addresses(mail.to, headers.To),
    cc: addresses(mail.cc, headers.Cc),
    bcc: addresses(mail.bcc, headers.Bcc),
    replyTo: addresses(mail.replyTo, headers['Reply-To']),
    returnPath: first('Return-Path').replace(/^<|>$/g, '') || from.Address,
    subject: mail.subject ?? '',
    listUnsubscribe: parseListUnsubscribe(first('List-Unsubscribe'), first('List-Unsubscribe-Post')),
    ...readDate(mail, headers.Date?.[0]),
    text: mail.text || htmlToText(html),
    html,
    parts: mail.attachments.map(toPart),
  };
}
