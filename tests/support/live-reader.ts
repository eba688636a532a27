import { envelope } from '@quartet/common/events/envelope.ts';
import { API_PREFIX } from '@quartet/common/http/app.ts';
import { expect } from 'vitest';
import * as z from 'zod';

export type Message = { id: string; event: string; data: string };

/** A reader of live updates that parses the stream as a browser does (HTML, 9.2.6). */
export type LiveReader = {
  status: number;
  headers: Headers;
  messages: Message[];
  comments: string[];
  retries: string[];
  /** The id that a browser would send with its next request. */
  lastEventId(): string;
  /** Resolves when the server has ended the stream; rejects when it broke off. */
  ended: Promise<void>;
  close(): void;
  /** Waits for a message of this name. */
  until(event: string, how?: (message: Message) => boolean): Promise<Message>;
};

export type LiveRequest = {
  token?: string | undefined;
  query?: Record<string, string>;
  headers?: Record<string, string>;
};

/** `url` is a gateway's. */
export async function openLive(
  url: string,
  { token, query = {}, headers = {} }: LiveRequest,
): Promise<LiveReader> {
  const controller = new AbortController();
  const sent = { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const target = `${url}${API_PREFIX}/live?${new URLSearchParams(query)}`;
  const response = await fetch(target, { headers: sent, signal: controller.signal });
  const parser = createParser();
  const ended = read(response, parser.push);
  ended.catch(() => undefined);
  const { messages } = parser;
  return {
    ...parser,
    status: response.status,
    headers: response.headers,
    ended,
    close: () => controller.abort(),
    async until(event, how = () => true) {
      const found = () => messages.find((message) => message.event === event && how(message));
      await expect.poll(found, { timeout: 10_000 }).toBeDefined();
      return found() as Message;
    },
  };
}

/** Opens a stream and waits for its first bytes. */
export async function openLiveStream(url: string, request: LiveRequest): Promise<LiveReader> {
  const reader = await openLive(url, request);
  expect(reader.status).toBe(200);
  await expect.poll(() => reader.comments, { timeout: 10_000 }).toContain('open');
  return reader;
}

const item = z.object({ item_id: z.string() });

/** The items that a reader has received events of this type about, in order. */
export const itemsIn = ({ messages }: LiveReader, type = 'item.created'): string[] =>
  messages
    .filter(({ event }) => event === type)
    .map(({ data }) => item.parse(envelope.parse(JSON.parse(data)).data).item_id);

async function read({ body }: Response, push: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) push(decoder.decode(chunk, { stream: true }));
}

function createParser() {
  const messages: Message[] = [];
  const comments: string[] = [];
  const retries: string[] = [];
  let lastEventId = '';
  let rest = '';
  let fields = { event: '', data: '' };
  const readLine = (line: string): void => {
    if (line === '') {
      if (fields.data !== '') messages.push({ id: lastEventId, ...fields });
      fields = { event: '', data: '' };
      return;
    }
    const [name = '', ...value] = line.split(': ');
    const text = value.join(': ');
    if (name === '') comments.push(text);
    else if (name === 'id') lastEventId = text;
    else if (name === 'retry') retries.push(text);
    else if (name === 'event' || name === 'data') fields[name] += text;
    else throw new Error(`a stream has the line ${line}`);
  };
  return {
    messages,
    comments,
    retries,
    lastEventId: () => lastEventId,
    push(text: string) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) readLine(line);
    },
  };
}
