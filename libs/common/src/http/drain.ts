import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** So long a new connection may take to bring its request, once no other is taken. */
const FIRST_REQUEST_WITHIN_MS = 200;

/** What a server knows of its connections. */
export type Connections = {
  /** Answers that are not finished. */
  inHand: ReadonlySet<ServerResponse>;
  /** Connections on which nothing was asked yet. */
  unused: ReadonlySet<Socket>;
};

/**
 * Closes a server without a loss. HTTP has no way to tell an idle caller that its connection ends: a request may be on
 * its way just as it is closed, and whoever sent it cannot know whether it was seen. So for `noticeMs` everything goes
 * on, new connections too, but every answer ends its connection (`sayClose`); whoever closes an idle connection sooner than
 * that loses nothing. Then no connection is taken any more, idle ones end, and requests in hand are finished.
 */
export async function drain(
  server: Server,
  { inHand, unused }: Connections,
  sayClose: (res: ServerResponse) => void,
  noticeMs: number,
): Promise<void> {
  for (const res of inHand) {
    if (!res.headersSent) sayClose(res);
    // An answer that has begun has promised to keep its connection.
    else res.once('close', () => res.req.socket.destroySoon());
  }
  if (noticeMs > 0) await delay(noticeMs);
  const closed = once(server, 'close');
  server.close();
  if (noticeMs > 0 && unused.size > 0) await delay(FIRST_REQUEST_WITHIN_MS);
  // Browsers connect ahead of a request; Node counts such a connection as busy.
  for (const socket of unused) socket.destroy();
  await closed;
}
