import bcrypt from 'bcrypt';
import { endWithParent, say } from '../child.ts';

const [rounds = ''] = process.argv.slice(2);
const PASSWORD = 'a password for a benchmark';

endWithParent();
const hashed = bcrypt.hash(PASSWORD, Number(rounds));
process.on('message', async () => {
  const stored = await hashed;
  const startedAt = performance.now();
  await bcrypt.compare(PASSWORD, stored);
  say({ ms: performance.now() - startedAt });
});
