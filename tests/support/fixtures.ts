import { setTimeout as delay } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { logInAdmin } from './accounts.ts';
import { type GatewayBed, type GatewayOptions, runBehindGateway } from './gateway.ts';
import { runAuth, runGateway, runItems, runNotifier } from './services.ts';
import { startInbox, startSmtpDesk } from './smtp.ts';
import { startTestbed, type Testbed } from './testbed.ts';

const START_WITHIN_MS = 60_000;

/** Starts a testbed for a test file, and stops it after the tests or after a failed start. */
export async function fixture<T extends object>(
  start: (bed: Testbed) => Promise<T>,
): Promise<T & { bed: Testbed }> {
  const bed = await startTestbed();
  const timer = new AbortController();
  const late = delay(START_WITHIN_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`the fixture was not ready within ${START_WITHIN_MS} ms`);
  });
  try {
    const parts = await Promise.race([start(bed), late]);
    afterAll(() => bed.stop());
    return { ...parts, bed };
  } catch (err) {
    await bed.stop();
    throw err;
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

export const authFixture = () => fixture(startAuth);

/** auth and items; `call` calls items. */
export const itemsFixture = () =>
  fixture(async (bed) => {
    const { auth, admin } = await startAuth(bed);
    const items = await runItems(bed, auth);
    return { auth, admin, items, call: items.client };
  });

export const inboxFixture = () =>
  fixture(async (bed) => ({ ...(await startAuth(bed)), inbox: await startInbox(bed) }));

/** The test controls which e-mails this SMTP server refuses or delays. */
export const smtpDeskFixture = () =>
  fixture(async (bed) => ({ ...(await startAuth(bed)), desk: await startSmtpDesk(bed) }));

export const gatewayFixture = (...options: GatewayOptions): Promise<GatewayBed> =>
  fixture((bed) => runBehindGateway(bed, ...options));

/** The notifier has no SMTP server; `call` calls the gateway. */
export const allServicesFixture = () =>
  fixture(async (bed) => {
    const { auth, admin } = await startAuth(bed);
    const [items, notifier] = await Promise.all([runItems(bed, auth), runNotifier(bed, auth)]);
    const urls = { AUTH_URL: auth.url, ITEMS_URL: items.url, NOTIFIER_URL: notifier.url };
    const gateway = await runGateway(bed, urls);
    return { auth, admin, items, notifier, gateway, call: gateway.client };
  });

async function startAuth(bed: Testbed) {
  const auth = await runAuth(bed);
  return { auth, admin: await logInAdmin(auth.client) };
}
