import type { SendMailOptions } from 'nodemailer';
import { createTransport } from 'nodemailer';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { MailCatcherConfig } from '../../tools/mail-catcher/config.ts';
import { createMailCatcher } from '../../tools/mail-catcher/mail-catcher.ts';
import type { Message, MessagesSummary } from '../../tools/mail-catcher/mailpit.ts';

const DEFAULTS: MailCatcherConfig = { host: '127.0.0.1', smtpPort: 0, httpPort: 0, maxMails: 500 };

export async function startCatcher(options: Partial<MailCatcherConfig> = {}) {
  const logs: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void logs.push(line) });
  const catcher = createMailCatcher({ ...DEFAULTS, ...options }, log);
  await catcher.start();
  onTestFinished(() => catcher.stop());
  const url = `http://127.0.0.1:${catcher.httpPort}`;

  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}${path}`, { ...init, headers: { 'X-Requested-With': 'test', ...init.headers } });
  async function read<T>(path: string): Promise<T> {
    const response = await call(path);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return JSON.parse(await response.text());
  }

  return {
    catcher,
    logs,
    call,
    read,
    list: (query = '') => read<MessagesSummary>(`/api/v1/messages${query}`),
    search: (query: string) => read<MessagesSummary>(`/api/v1/search?query=${encodeURIComponent(query)}`),
    message: (id = 'latest') => read<Message>(`/api/v1/message/${id}`),
    async send(mail: SendMailOptions, auth?: { user: string; pass: string }) {
      const transport = createTransport({
        host: '127.0.0.1',
        port: catcher.smtpPort,
        ...(auth === undefined ? {} : { auth }),
      });
      return transport.sendMail({ from: 'Quartet <no-reply@quartet.dev>', to: 'ann@example.org', ...mail });
    },
  };
}
