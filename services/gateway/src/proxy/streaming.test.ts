import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { gatewayFixture } from '../../../../tests/support/fixtures.ts';

const PART = randomBytes(100_000);
/** 200 MB: more than the kernel keeps of two connections, which here is up to 37 MB of each. */
const PARTS = 2_000;

let behaviour: (req: IncomingMessage, res: ServerResponse) => void;

const all = await gatewayFixture((req, res) => behaviour(req, res));
const url = `${all.gateway.url}/api/v1/items`;

/** Writes 200 MB as fast as they are taken; `sent` says how many bytes that were so far. */
function writeParts(res: NodeJS.WritableStream, count: (bytes: number) => void): void {
  let left = PARTS;
  const more = (): void => {
    while (left > 0) {
      left -= 1;
      count(PART.length);
      if (!res.write(PART)) {
        res.once('drain', more);
        return;
      }
    }
    res.end();
  };
  more();
}

/** Waits until something was sent and no more is. */
async function rest(sent: () => number): Promise<void> {
  let before = 0;
  const rests = () => {
    const last = before;
    before = sent();
    return before > 0 && before === last;
  };
  await expect.poll(rests, { interval: 300 }).toBe(true);
}

const wholeDigest = () => {
  const hash = createHash('sha256');
  for (let part = 0; part < PARTS; part += 1) hash.update(PART);
  return hash.digest('hex');
};

async function digestOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

describe('an answer', () => {
  test('given 200 MB that the caller does not read yet, then the service has to wait, and all of it arrives when read', async () => {
    let sent = 0;
    behaviour = (_req, res) =>
      writeParts(res, (bytes) => {
        sent += bytes;
      });
    const asked = request(url).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.pause();
    await rest(() => sent);
    expect(sent).toBeLessThan(PARTS * PART.length);
    expect(await digestOf(answer)).toBe(wholeDigest());
    expect(sent).toBe(PARTS * PART.length);
  });

  test('when its first part is sent, then it arrives before the last one is', async () => {
    let finish = () => {};
    behaviour = (_req, res) => {
      res.write('first');
      finish = () => res.end('last');
    };
    const { body } = await fetch(url);
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('first');
    finish();
    expect((await reader?.read())?.value).toBe('last');
  });
});

describe('a body', () => {
  test.each([
    ['of a known length', { 'content-length': '9' }],
    ['in chunks', {}],
  ])('when it comes %s, then the service is asked once it is whole', async (_how, headers) => {
    const seen: unknown[] = [];
    const methods: unknown[] = [];
    behaviour = (req, res) => {
      methods.push(req.method);
      res.end('meanwhile');
    };
    const upload = request(url, { method: 'POST', headers });
    upload.write('first');
    // What is asked later is answered before.
    for (let asked = 0; asked < 3; asked += 1) expect(await (await fetch(url)).text()).toBe('meanwhile');
    expect(methods).toEqual(['GET', 'GET', 'GET']);
    behaviour = async (req, res) => {
      seen.push(req.headers['content-length'], req.headers['transfer-encoding']);
      res.end(await digestOf(req));
    };
    upload.end('last');
    const [answer] = (await once(upload, 'response')) as [IncomingMessage];
    expect((await answer.toArray()).join('')).toBe(createHash('sha256').update('firstlast').digest('hex'));
    expect(seen).toEqual(['9', undefined]);
  });

  test('given a stream of unknown length by fetch, then it arrives whole', async () => {
    behaviour = async (req, res) => void res.end(await digestOf(req));
    const part = PART.subarray(0, PART.length / 2);
    const body = Readable.toWeb(Readable.from([part, part])) as ReadableStream;
    const answer = await fetch(url, { method: 'PUT', body, duplex: 'half' });
    expect(await answer.text()).toBe(createHash('sha256').update(part).update(part).digest('hex'));
  });

  test.each([
    ['of a known length', { 'content-length': String(PARTS * PART.length) }],
    ['in chunks', {}],
  ])('given 200 MB %s, then it is a 413, and no service is asked', async (_how, headers) => {
    let asked = 0;
    behaviour = (_req, res) => {
      asked += 1;
      res.end();
    };
    const upload = request(url, { method: 'POST', headers });
    writeParts(upload, () => undefined);
    const [answer] = (await once(upload, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(413);
    upload.destroy();
    expect(asked).toBe(0);
  });
});
