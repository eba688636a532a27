import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Arms } from '../attacks/attack.ts';
import { loopbackOf } from './loopback.ts';

export type AttackerConnection = {
  socket: Socket;
  closed: Promise<void>;
  /** It is the status of the first answer, or "closed". */
  status(): string;
};

/** @throws {NodeJS.ErrnoException} when the connection is refused */
export async function openTo({ api, from }: Arms): Promise<AttackerConnection> {
  const socket = connect({ ...loopbackOf(api), localAddress: from });
  let first = '';
  socket.on('data', (chunk) => {
    if (first === '') first = chunk.toString('latin1', 0, 12);
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return { socket, closed, status: () => /^HTTP\/1.1 (\d{3})/.exec(first)?.[1] ?? 'closed' };
}
