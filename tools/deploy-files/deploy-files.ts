import { usersFromEnvironment } from '../broker-users/engine-users.ts';
import { natsConfig } from '../engines/broker.ts';
import type { Files } from '../generate/files.ts';
import { mongoInitScript } from './mongo-init-script.ts';

export const BROKER_FILE = 'deploy/nats/nats-server.conf';
export const DATABASE_FILE = 'deploy/mongo/users.js';

const MADE_BY = 'Made by npm run deploy:files; do not edit.';
const MONITORING = 'http: "127.0.0.1:8222"';

export function deployFiles(): Files {
  const server = natsConfig({ host: '0.0.0.0', port: 4222, storeDir: '/data' });
  return new Map([
    [BROKER_FILE, `# ${MADE_BY}\n${server}${MONITORING}\n\n${usersFromEnvironment(undefined)}`],
    [DATABASE_FILE, `// ${MADE_BY}\n${mongoInitScript()}`],
  ]);
}
