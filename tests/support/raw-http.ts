import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type RawConnection = {
  socket: Socket;
  write(text: string): void;
  /** Each character is one byte. */
  received(): string;
  closed: Promise<void>;
};

export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    received += text;
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  // A reset counts as an end.
  socket.on('error', () => undefined);
  return { socket, write: (text) => void socket.write(text, 'latin1'), received: () => received, closed };
}

/** Returns everything until the other side closes the connection. */
export async function exchangeRaw(url: string, text: string): Promise<string> {
  const { write, received, closed } = await openRaw(url);
  write(text);
  await closed;
  return received();
}

export const lines = (...all: string[]): string => `${all.join('\r\n')}\r\n\r\n`;
