import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { sharesOf } from './profiles.ts';

const root = join(import.meta.dirname, '../..');

const hit = (hitCount: number, path: string, functionName = 'f') => ({
  ...{ hitCount },
  callFrame: { functionName, url: path.startsWith('/') ? pathToFileURL(path).href : path },
});

test('given a profile, then busy time is shared by package, folder and function of the engine', () => {
  const nodes = [
    hit(100, '', '(idle)'),
    hit(4, '', 'writev'),
    hit(2, `${root}/node_modules/mongodb/lib/cmap/connection.js`),
    hit(1, `${root}/node_modules/mongodb/node_modules/bson/lib/bson.node.mjs`),
    hit(1, `${root}/node_modules/@nats-io/jetstream/lib/mod.js`),
    hit(1, `${root}/libs/common/src/http/app.ts`),
    hit(1, `${root}/libs/common/src/http/routes/route.ts`),
    hit(0, `${root}/services/items/src/main.ts`),
  ];
  expect(sharesOf({ nodes })).toEqual([
    ['writev', 0.4],
    ['mongodb', 0.2],
    ['libs/common/src/http', 0.2],
    ['bson', 0.1],
    ['@nats-io/jetstream', 0.1],
  ]);
});
