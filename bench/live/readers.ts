import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { endWithParent, say } from '../child.ts';
import { type Arrival, type Order, order, sharedNow } from './messages.ts';

const AT_ONCE = 50;
const ITEM = /event: item\.created\ndata: .*?"item_id":"([0-9a-f]{24})"/g;

const sockets = new Set<Socket>();
const arrivals: Arrival[] = [];

/** It reads no HTTP beyond the first line: the readers must cost little on the machine that is measured. */
async function openOne(port: number, token: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const head = ['GET /api/v1/live HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${token}`];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const [first] = await once(socket, 'data');
  if (!String(first).startsWith('HTTP/1.1 200')) throw new Error(`a stream was refused: ${first}`);
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  socket.on('data', (chunk: Buffer) => {
    const at = sharedNow();
    for (const [, itemId = ''] of chunk.toString('latin1').matchAll(ITEM)) arrivals.push({ itemId, at });
  });
}

async function openAll({ port, tokens, perUser }: Extract<Order, { do: 'open' }>): Promise<void> {
  const all = tokens.flatMap((token) => Array.from({ length: perUser }, () => token)).values();
  const worker = async () => {
    for (const token of all) await openOne(port, token);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

endWithParent();
process.on('message', (message) => {
  const what = order.parse(message);
  if (what.do === 'report') return say({ open: sockets.size, arrivals: arrivals.splice(0) });
  openAll(what).then(
    () => say({ opened: sockets.size }),
    (err: unknown) => {
      console.error(err);
      process.exit(1);
    },
  );
});
