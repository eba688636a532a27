import type { Address } from './mailpit.ts';

export type Searchable = {
  messageId: string;
  subject: string;
  from: Address[];
  to: Address[];
  cc: Address[];
  bcc: Address[];
  replyTo: Address[];
  read: boolean;
  attachments: number;
  inline: number;
  text: string;
};

type Match = (mail: Searchable) => boolean;

export function normalize(text: string): string {
  return text
    .replace(/[\s\uFEFF<>",;()]+/g, ' ')
    .trim()
    .toLowerCase();
}

export const addressText = (list: Address[]): string =>
  list.map(({ Name, Address: address }) => `${Name} ${address}`).join(' ');

// An object would have a `constructor`: these are maps, because a query names the key.
const FLAGS = new Map<string, Match>([
  ['is:read', (mail) => mail.read],
  ['is:unread', (mail) => !mail.read],
  ['has:attachment', (mail) => mail.attachments > 0],
  ['has:attachments', (mail) => mail.attachments > 0],
  ['has:inline', (mail) => mail.inline > 0],
  ['has:inlines', (mail) => mail.inline > 0],
]);

const FIELDS = new Map<string, (mail: Searchable) => string>([
  ['to', (mail) => addressText(mail.to)],
  ['from', (mail) => addressText(mail.from)],
  ['cc', (mail) => addressText(mail.cc)],
  ['bcc', (mail) => addressText(mail.bcc)],
  ['reply-to', (mail) => addressText(mail.replyTo)],
  ['addressed', ({ from, to, cc, bcc, replyTo }) => addressText([from, to, cc, bcc, replyTo].flat())],
  ['subject', (mail) => mail.subject],
  ['message-id', (mail) => mail.messageId],
]);

function terms(query: string): string[] {
  const found = query.match(/(?:"[^"]*(?:"|$)|[^\s"])+/g) ?? [];
  return found.map((term) => term.replaceAll('"', '').trim());
}

/** Returns undefined for a term without a value, such as `to:`. */
function toMatch(term: string): Match | undefined {
  const flag = FLAGS.get(term.toLowerCase());
  if (flag !== undefined) return flag;
  const [, name = '', value = ''] = /^([a-z-]+):([\s\S]*)$/i.exec(term) ?? [];
  const field = FIELDS.get(name.toLowerCase());
  const wanted = normalize(field === undefined ? term : value);
  if (!/[\p{L}\p{N}]/u.test(wanted)) return undefined;
  if (field === undefined) return (mail) => mail.text.includes(wanted);
  return (mail) => normalize(field(mail)).includes(wanted);
}

/** Parses Mailpit's search syntax, without tags, dates and sizes; all terms must match. */
export function parseQuery(query: string): Match {
  const matches = terms(query).flatMap((term): Match[] => {
    const negated = /^[-!]./.test(term);
    const match = toMatch(negated ? term.slice(1) : term);
    if (match === undefined) return [];
    return [negated ? (mail) => !match(mail) : match];
  });
  return (mail) => matches.every((match) => match(mail));
}
