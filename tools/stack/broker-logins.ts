import { randomBytes } from 'node:crypto';
import { recordOf } from '@quartet/common/service/description.ts';
import { ADMIN, allBrokerUsers, type BrokerPasswords } from '../broker-users/engine-users.ts';
import { writePrivately } from '../engines/private-file.ts';
import { dataPaths } from './data-folder.ts';

const newPassword = () => randomBytes(24).toString('base64url');

/** Every start draws new passwords, so a leaked one expires with the stack. */
export const newBrokerPasswords = (): BrokerPasswords => recordOf(allBrokerUsers, newPassword);

/** Only the owner can read this file: its address has all permissions at our broker. */
export async function writeBrokerAdmin(dataDir: string, url: string, passwords: BrokerPasswords) {
  const { host } = new URL(url);
  await writePrivately(dataPaths(dataDir).brokerAdmin, `nats://${ADMIN}:${passwords[ADMIN]}@${host}\n`);
}
