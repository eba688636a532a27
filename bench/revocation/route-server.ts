import { once } from 'node:events';
import { connectDatabase } from '@quartet/common/database/database.ts';
import { API_PREFIX, createApp } from '@quartet/common/http/app.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import { serveRoutes } from '@quartet/common/http/routes/serve-routes.ts';
import { listen } from '@quartet/common/http/server/server.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { createAuthorize } from '@quartet/common/tokens/access.ts';
import type { Access } from '@quartet/common/tokens/caller.ts';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { ObjectId } from 'mongodb';
import * as z from 'zod';
import type { User } from '../../services/auth/src/users/user.ts';
import { endWithParent, say } from '../child.ts';
import { fillMap } from './entries.ts';
import { makeTokens } from './tokens.ts';

/** The server has one route three times: without a check, with it, and with a look-up too. */
const [databaseUrl = ''] = process.argv.slice(2);

const TOKENS = 100;
const ENTRIES = 100_000;

endWithParent();
const log = createLog('bench', 'silent');
const { users, headers, verifier } = makeTokens(TOKENS);
const address = { url: databaseUrl, name: 'bench_routes' };
const { db } = await connectDatabase(address, 'bench', log, new AbortController().signal);
const collection = db.collection<User>('users');
await collection.insertMany(users);

const answer = { ok: true };
const small = (path: string, access: Access, before?: (userId: string) => Promise<unknown>): Route =>
  route({
    method: 'GET',
    path,
    access,
    operationId: `bench-${path.slice(1)}`,
    summary: path,
    description: '',
    answer: { schema: z.object({ ok: z.boolean() }) },
    async handler({ caller }) {
      if (caller && !(await (before?.(caller.userId) ?? true))) throw new Error('a user is missing');
      return answer;
    },
  });
const routes = [
  small('/none', 'anyone'),
  small('/check', 'user'),
  small('/look-up', 'user', (userId) => collection.findOne({ _id: new ObjectId(userId) })),
];
const revocations = createRevocationMap();
fillMap(revocations, ENTRIES);
const dispatches = [serveRoutes(API_PREFIX, routes, createAuthorize(verifier, revocations))];
const { port } = await listen(createApp({ log, dispatches }), '127.0.0.1', 0);
say({ url: `http://127.0.0.1:${port}${API_PREFIX}`, headers });
for (;;) {
  await once(process, 'message');
  const { user, system } = process.cpuUsage();
  say({ cpuMicroseconds: user + system });
}
