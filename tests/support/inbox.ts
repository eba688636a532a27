import { expect } from 'vitest';
import * as z from 'zod';

const found = z.object({ messages: z.array(z.object({ ID: z.string() })) });
const mail = z.object({ Subject: z.string(), Text: z.string(), HTML: z.string() });

export type Mail = z.output<typeof mail>;

/** Waits for the newest e-mail with a subject, by the API of the mail catcher and Mailpit. */
export async function waitForMail(inbox: string, to: string, subject: string): Promise<Mail> {
  const query = encodeURIComponent(`to:"${to}" subject:"${subject}"`);
  const search = async () =>
    found.parse(await (await fetch(`${inbox}/api/v1/search?query=${query}`)).json()).messages[0]?.ID;
  await expect.poll(search, { timeout: 20_000, message: `e-mail "${subject}" to ${to}` }).toBeDefined();
  return mail.parse(await (await fetch(`${inbox}/api/v1/message/${await search()}`)).json());
}

/** Returns the token in an e-mail's first link, which leads to a page of the frontend. */
export function tokenIn({ Text }: Mail, page = 'reset-password'): string {
  const token = new RegExp(`/${page}\\?token=([\\w.-]+)`).exec(Text)?.[1];
  if (token === undefined) throw new Error('the e-mail holds no link');
  return token;
}
