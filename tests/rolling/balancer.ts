import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { answers200 } from '../crash/faults/probes.ts';
import type { Answer, Call, Client } from '../support/client.ts';
import { checkAnswer } from '../support/contract.ts';
import type { Tally } from './tally.ts';

export type Balancer = { call: Client; close(): Promise<void> };

type Gateway = { base: URL; readyUrl: string; isReady: boolean };
type Message = { method: string; path: string; headers: Record<string, string>; body: string | undefined };

const PREFIX = '/api/v1';
const LOOK_EVERY_MS = 250;
/** A gateway drains for longer: with a longer idle time, a balancer may lose requests. */
const IDLE_MS = 1_000;
const ANSWER_WITHIN_MS = 30_000;

/** Uses ready gateways in turn; only a refused connection moves a request to another gateway. */
export function createBalancer(
  gateways: readonly { url: string; readyUrl: string }[],
  tally: Tally,
): Balancer {
  const all = gateways.map(({ url, readyUrl }): Gateway => ({ base: new URL(url), readyUrl, isReady: true }));
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  const over = new AbortController();
  let turn = 0;

  const watch = async (gateway: Gateway): Promise<void> => {
    while (!over.signal.aborted) {
      gateway.isReady = await answers200(gateway.readyUrl).then(
        () => true,
        () => false,
      );
      await delay(LOOK_EVERY_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const watching = Promise.all(all.map(watch));

  const inTurn = (): Gateway[] => {
    turn += 1;
    const rotated = all.map((_, at) => all[(at + turn) % all.length]).filter((one) => one !== undefined);
    return rotated.toSorted((one, other) => Number(other.isReady) - Number(one.isReady));
  };

  const sendToAny = async (message: Message): Promise<Answer> => {
    let refusal: unknown;
    for (const { base } of inTurn()) {
      try {
        return await exchange(agent, base, message);
      } catch (err) {
        if (!wasRefused(err)) throw err;
        tally.movedOn += refusal === undefined ? 1 : 0;
        refusal = err;
      }
    }
    throw refusal;
  };

  return {
    async call(method, path, options = {}) {
      const startedAt = performance.now();
      const note = (why: string) =>
        void tally.failures.push({ atMs: Date.now(), what: `${method} ${path}`, why });
      tally[method === 'GET' ? 'reads' : 'writes'] += 1;
      let answer: Answer;
      try {
        answer = await sendToAny(messageOf(method, path, options));
      } catch (err) {
        note(String(err));
        throw new TypeError('failed', { cause: err });
      }
      tally.tookMs.push(performance.now() - startedAt);
      if (answer.status >= 500) note(`${answer.status} ${answer.text}`);
      checkAnswer(method, PREFIX + path, answer);
      return answer;
    },
    async close() {
      over.abort();
      await watching;
      agent.destroy();
    },
  };
}

function messageOf(method: string, path: string, { token, body, form, headers = {} }: Call): Message {
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
  const content = form
    ? String(new URLSearchParams(form))
    : body === undefined
      ? undefined
      : JSON.stringify(body);
  return {
    method,
    path: PREFIX + path,
    headers: {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(content === undefined
        ? {}
        : { 'content-type': type, 'content-length': String(Buffer.byteLength(content)) }),
    },
    body: content,
  };
}

async function exchange(agent: Agent, base: URL, { body, ...message }: Message): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const sent = request({ host: base.hostname, port: base.port, agent, signal, ...message });
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.end(body);
  });
  const received = await text(response);
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headersDistinct)) {
    for (const one of value ?? []) headers.append(name, one);
  }
  const isJson = headers.get('content-type')?.includes('application/json') && received !== '';
  const parsed: unknown = isJson ? JSON.parse(received) : undefined;
  return { status: response.statusCode ?? 0, headers, body: parsed, text: received };
}

const wasRefused = (err: unknown): boolean =>
  err instanceof Error && 'code' in err && err.code === 'ECONNREFUSED';
