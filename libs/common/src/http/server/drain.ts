import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from './connection.ts';

/** So long a new connection may take to bring its request, once no other is taken. */
const FIRST_REQUEST_WITHIN_MS = 200;

/**
 * Closes a server without a loss. HTTP has no way to tell an idle caller that its connection ends: a request may be on
 * its way just as it is closed, and whoever sent it cannot know whether it was seen. So for `noticeMs` everything goes
 * on, new connections too, but every answer ends its connection (which is the server's part); whoever closes an idle
 * connection sooner than that loses nothing. Then no connection is taken any more, idle ones end, and requests in hand
 * are finished.
 */
export async function drain(
  server: Server,
  connections: ReadonlyMap<Connection, unknown>,
  noticeMs: number,
): Promise<void> {
  for (const connection of connections.keys()) connection.endAfterAnswers();
  if (noticeMs > 0) await delay(noticeMs);
  const closed = once(server, 'close');
  server.close();
  const unused = () => [...connections.keys()].filter((connection) => connection.isUnused());
  if (noticeMs > 0 && unused().length > 0) await delay(FIRST_REQUEST_WITHIN_MS);
  // Browsers connect ahead of a request; Node counts such a connection as busy.
  for (const connection of unused()) connection.destroy();
  await closed;
}
