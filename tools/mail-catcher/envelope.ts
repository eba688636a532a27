import { readHeaders, setHeader } from './headers.ts';
import type { Address } from './mailpit.ts';
import { parseMail } from './parse-mail.ts';

/** An empty `mailFrom` is SMTP's null sender. */
export type Envelope = { mailFrom: string; recipients: string[] };

function headOf(raw: Buffer): Buffer {
  const end = raw.indexOf('\r\n\r\n');
  return end < 0 ? raw : raw.subarray(0, end + 4);
}

/** Like Mailpit, it adds `Return-Path`, `Bcc` and a missing `Message-ID` to the header. */
export async function withEnvelope(raw: Buffer, envelope: Envelope, id: string): Promise<Buffer> {
  const headers = readHeaders(raw);
  const { to, cc, bcc } = await parseMail(headOf(raw));
  const named = new Set([...to, ...cc, ...bcc].map(({ Address: address }: Address) => address.toLowerCase()));
  const hidden = envelope.recipients.filter((recipient) => !named.has(recipient.toLowerCase()));

  let kept = raw;
  if (hidden.length > 0) kept = setHeader(kept, 'Bcc', [...(headers.Bcc ?? []), ...hidden].join(',\r\n '));
  if (!headers['Message-Id']?.[0]) kept = setHeader(kept, 'Message-ID', `<${id}@mail-catcher>`);
  const returnPath = headers['Return-Path']?.[0]?.replace(/^<|>$/g, '') ?? '';
  if (returnPath !== envelope.mailFrom) kept = setHeader(kept, 'Return-Path', `<${envelope.mailFrom}>`);
  return kept;
}
