import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Testbed } from './testbed.ts';

/** `dot` is the end of the e-mail. */
export type SmtpStep = 'connect' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'dot' | 'RSET';

/** Without an answer the connection hangs; `to` is empty before RCPT. */
type Answer = (to: string, socket: Socket) => string | undefined | Promise<string | undefined>;

/** By default, the server accepts everything at once. */
export type SmtpScript = {
  port: number;
  /** An entry is a step with its address, as in `RCPT ada@example.com`. */
  heard: string[];
  /** An entry is the recipient of an e-mail that arrived completely. */
  had: string[];
  /** Without `answer`, the step has its usual answer again. */
  at(step: SmtpStep, answer?: Answer): void;
  /** The step gets no answer until the returned function is called. */
  hold(step: SmtpStep, to?: string): (answer?: string) => void;
};

const USUAL: Record<SmtpStep, string> = {
  connect: '220 script',
  EHLO: '250-script\r\n250 SMTPUTF8',
  STARTTLS: '220 go on',
  AUTH: '235 welcome',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  dot: '250 taken',
  RSET: '250 ok',
};

const isStep = (word: string): word is SmtpStep => Object.hasOwn(USUAL, word);

export async function startSmtpScript(bed: Testbed, usual = USUAL): Promise<SmtpScript> {
  const [heard, had]: [string[], string[]] = [[], []];
  const answers = new Map<SmtpStep, Answer>();
  const held = new Map<string, Promise<string>>();
  const sockets = new Set<Socket>();

  const serve = async (socket: Socket): Promise<void> => {
    let to = '';
    const answer = async (step: SmtpStep): Promise<boolean> => {
      const asked = `${step} ${to}`.trimEnd();
      heard.push(asked);
      const given = answers.get(step);
      const words = (await held.get(asked)) ?? (given ? await given(to, socket) : usual[step]);
      if (words === undefined) return false;
      if (socket.writable) socket.write(`${words}\r\n`);
      return step !== 'STARTTLS';
    };
    const lines = createInterface({ input: socket });
    if (!(await answer('connect'))) return;
    let isInMessage = false;
    for await (const line of lines) {
      if (isInMessage) {
        if (line !== '.') continue;
        isInMessage = false;
        had.push(to);
        if (!(await answer('dot'))) return;
        continue;
      }
      const word = line.slice(0, 4).toUpperCase() === 'STAR' ? 'STARTTLS' : line.slice(0, 4).toUpperCase();
      if (!isStep(word)) socket.write('502 what?\r\n');
      else {
        if (word === 'MAIL') to = '';
        if (word === 'RCPT') to = /<(.*)>/.exec(line)?.[1] ?? '';
        isInMessage = word === 'DATA';
        if (!(await answer(word))) return;
      }
    }
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  bed.stopLater(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    had,
    at: (step, answer) => void (answer ? answers.set(step, answer) : answers.delete(step)),
    hold(step, wanted = '') {
      const { promise, resolve } = Promise.withResolvers<string>();
      held.set(`${step} ${wanted}`.trimEnd(), promise);
      return (answer = usual[step]) => resolve(answer);
    },
  };
}
