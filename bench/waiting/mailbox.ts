import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { type Arrivals, createArrivals } from './arrivals.ts';

export type Mailbox = {
  env: Record<string, string>;
  /** The keys are address and number, as in `ada@example.com 1`. */
  arrivals: Arrivals;
};

export async function openMailbox(resources: AsyncDisposableStack, signal: AbortSignal): Promise<Mailbox> {
  const arrivals = createArrivals(signal);
  const counts = new Map<string, number>();
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], disableReverseLookup: true },
    ...{ logger: false, closeTimeout: 100 },
    onData(stream, { envelope: { rcptTo } }, callback) {
      const arrived = () => {
        for (const { address } of rcptTo) {
          const count = (counts.get(address) ?? 0) + 1;
          counts.set(address, count);
          arrivals.arrived(`${address} ${count}`);
        }
        callback();
      };
      stream.on('end', arrived).resume();
    },
  });
  // A connection may break when the stack ends.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  resources.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  const env = {
    ...{ SMTP_HOST: '127.0.0.1', SMTP_PORT: String(port), SMTP_TLS: 'false', SMTP_SSL: 'false' },
    ...{ SMTP_USER: '', SMTP_PASSWORD: '', EMAILS_FROM_EMAIL: 'noreply@bench.example' },
  };
  return { env, arrivals };
}
