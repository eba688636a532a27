import type { Logger } from 'pino';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { MailStore } from './mail-store.ts';

const MAX_BYTES = 25 * 1024 * 1024;

const smtpError = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

async function receive(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  store: MailStore,
  log: Logger,
) {
  const raw = await readAll(stream);
  if (raw === undefined) {
    store.countRejected();
    throw smtpError(552, `message is larger than ${MAX_BYTES} bytes`);
  }
  const { mailFrom, rcptTo } = session.envelope;
  const envelope = {
    mailFrom: mailFrom === false ? '' : mailFrom.address,
    recipients: rcptTo.map(({ address }) => address),
  };
  try {
    const mail = await store.add(raw, envelope, session.user ?? '');
    const recipients = envelope.recipients.length;
    log.info({ mailId: mail.id, bytes: mail.raw.length, recipients }, 'mail received');
  } catch (err) {
    store.countRejected();
    log.error({ err }, 'mail not kept');
    throw smtpError(451, 'the message could not be kept');
  }
}

/** Returns undefined for a mail that is too large; an unread stream would block the session. */
async function readAll(stream: SMTPServerDataStream): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes <= MAX_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes > MAX_BYTES ? undefined : Buffer.concat(chunks);
}

/** The server accepts any mail and any login or none, and offers no TLS. */
export function createSmtpServer(store: MailStore, log: Logger): SMTPServer {
  const server = new SMTPServer({
    name: 'mail-catcher',
    size: MAX_BYTES,
    authOptional: true,
    allowInsecureAuth: true,
    authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2'],
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 300,
    onAuth: ({ username }, _session, callback) => callback(null, { user: username || 'anonymous' }),
    onData(stream, session, callback) {
      receive(stream, session, store, log).then(() => callback(), callback);
    },
  });
  // A client that closes the connection must not end the process.
  server.on('error', (err) => log.debug({ err }, 'smtp session failed'));
  return server;
}
