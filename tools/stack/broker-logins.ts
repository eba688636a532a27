import { randomBytes } from 'node:crypto';
import { recordOf } from '@quartet/common/service/description.ts';
import { ADMIN, allBrokerUsers, type BrokerPasswords } from '../broker-users/engine-users.ts';
import { writePrivately } from '../engines/private-file.ts';
import { dataPaths } from './data-folder.ts';

const newPassword = () => randomBytes(24).toString('base64url');

/** New at every start: nobody has to keep them, and none that leaked is good for long. */
export const newBrokerPasswords = (): BrokerPasswords => recordOf(allBrokerUsers, newPassword);

/** Writes the address with all permissions at our own broker, for its owner alone to read. */
export async function writeBrokerAdmin(dataDir: string, url: string, passwords: BrokerPasswords) {
  const { host } = new URL(url);
  await writePrivately(dataPaths(dataDir).brokerAdmin, `nats://${ADMIN}:${passwords[ADMIN]}@${host}\n`);
}
