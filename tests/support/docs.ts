import { createApp } from '@quartet/common/http/app.ts';
import { listen } from '@quartet/common/http/server/server.ts';
import { createLog } from '@quartet/common/process/logging.ts';
import { asyncApiDocument } from '../../services/gateway/src/async-api/async-api.ts';
import { serveDocs } from '../../services/gateway/src/docs/serve-docs.ts';
import { type Answer, createClient } from './client.ts';

/** The project is called `A <b> & "c"`, to test escaping. */
export type TestDocs = {
  url: string;
  get(path: string, encodings?: string): Promise<Answer>;
  call(method: string, path: string, encodings?: string): Promise<Answer>;
  assetPaths(): Promise<string[]>;
  operations(): unknown[];
  stop(): Promise<void>;
};

export async function startTestDocs(): Promise<TestDocs> {
  const logged: string[] = [];
  const log = createLog('test', 'info', { write: (line) => void logged.push(line) });
  const events = () => asyncApiDocument({ title: 'A <b> & "c"', version: '1', consumers: {} });
  const app = createApp({ log, handlers: [['/', serveDocs({ title: 'A <b> & "c"', events })]] });
  const server = await listen(app, '127.0.0.1', 0);
  const url = `http://127.0.0.1:${server.port}`;
  const client = createClient(url);
  const call: TestDocs['call'] = (method, path, encodings = 'identity') =>
    client(method, path, { headers: { 'accept-encoding': encodings } });
  const get: TestDocs['get'] = (path, encodings) => call('GET', path, encodings);
  return {
    url,
    get,
    call,
    async assetPaths() {
      const pages = await Promise.all([get('/docs'), get('/docs/events'), get('/redoc')]);
      const all = pages.flatMap(({ text }) => [...text.matchAll(/(?:src|href)="(\/\w+\/assets\/[^"]+)"/g)]);
      return [...new Set(all.map(([, path]) => path ?? ''))];
    },
    operations: () => logged.map((line) => (JSON.parse(line) as { operation?: string }).operation),
    stop: () => server.drain(),
  };
}
