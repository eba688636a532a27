import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import express from 'express';
import { Pool } from 'undici';
import type { Operations } from './operations.ts';

async function answer(operations: Operations, req: IncomingMessage): Promise<string> {
  const { method = '', url = '' } = req;
  const [, collection = '', id = '', limit] = url.split('/');
  const body = async () => JSON.parse(await text(req));
  const answers: Record<string, () => Promise<unknown>> = {
    'GET users': () => operations.user(id),
    'GET items': () => operations.item(id),
    'GET lists': () => operations.list(id, Number(limit)),
    'POST items': async () => operations.insert(await body()),
    'PUT items': async () => operations.update(id, await body()),
    'POST login': async () => operations.logIn(await body()),
  };
  return JSON.stringify(await answers[`${method} ${collection}`]?.());
}

function send(res: ServerResponse, json: string): void {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(json) });
  res.end(json);
}

const refuse = (res: ServerResponse, err: unknown): void => void res.writeHead(500).end(String(err));

/** This is reference (b). */
export function driverServer(operations: Operations): RequestListener {
  return (req, res) => {
    answer(operations, req).then(
      (json) => send(res, json),
      (err: unknown) => refuse(res, err),
    );
  };
}

/** This is reference (a): it always gives the first answer of (b). */
export function constantServer(operations: Operations): RequestListener {
  const answers = new Map<string, string>();
  return async (req, res) => {
    const kind = `${req.method} ${req.url}`;
    const known = answers.get(kind);
    if (known !== undefined) {
      send(res, known);
      return;
    }
    try {
      const json = await answer(operations, req);
      answers.set(kind, json);
      send(res, json);
    } catch (err) {
      refuse(res, err);
    }
  };
}

/** This is reference (c), the minimal proxy before (b). */
export function proxyServer(backend: string): RequestListener {
  const pool = new Pool(backend);
  return async (req, res) => {
    const { method, url = '', headers } = req;
    const body = method === 'GET' ? null : Buffer.from(await text(req));
    const { host: _host, connection: _connection, 'content-length': _length, ...passedOn } = headers;
    const fail = (err: unknown) => (res.headersSent ? res.destroy() : refuse(res, err));
    pool.dispatch(
      { path: url, method: method as 'GET', headers: passedOn, body },
      {
        onRequestStart() {},
        onResponseStart(_controller, status, { connection: _c, 'keep-alive': _k, ...answered }) {
          res.writeHead(status, answered);
        },
        onResponseData: (_controller, chunk) => void res.write(chunk),
        onResponseEnd: () => void res.end(),
        onResponseError: (_controller, err) => void fail(err),
      },
    );
  };
}

/** This is reference (d). */
export function expressServer(operations: Operations): RequestListener {
  const app = express();
  app.use(express.json());
  app.get('/users/:id', async (req, res) => void res.json(await operations.user(req.params.id)));
  app.get('/items/:id', async (req, res) => void res.json(await operations.item(req.params.id)));
  app.get('/lists/:id/:limit', async (req, res) => {
    res.json(await operations.list(req.params.id, Number(req.params.limit)));
  });
  app.post('/items', async (req, res) => void res.json(await operations.insert(req.body)));
  app.put('/items/:id', async (req, res) => void res.json(await operations.update(req.params.id, req.body)));
  app.post('/login', async (req, res) => void res.json(await operations.logIn(req.body)));
  return app;
}

export function listenOn(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address) resolve(address.port);
    });
  });
}
