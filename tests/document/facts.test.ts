import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { loadConfig } from '../../services/auth/src/config.ts';
import { serviceNames, services } from '../../services/services.ts';
import { collectionsOf } from '../../tools/database-users/definition.ts';
import { partsIn, placed } from '../../tools/docs/parts.ts';
import { parseEnvFile } from '../../tools/stack/env-file/parse.ts';
import { planPorts } from '../../tools/stack/ports.ts';
import {
  allFiles,
  codeSpans,
  documents,
  filesNamed,
  partsOf,
  ROOT,
  rowsWith,
  textOf,
  unbraced,
} from './markdown.ts';
import { operations } from './read-openapi.ts';

const sources = allFiles
  .filter((file) => /^(libs|services|tools)\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'))
  .map(textOf)
  .join('\n');
const settings = parseEnvFile(textOf('.env.example'));
const cells = (file: string, column: string) => rowsWith(partsOf(textOf(file)).prose, column);
const plain = (cell = '') => cell.replaceAll(/[`*]/g, '');

test.each(partsIn(ROOT))('given the $name of $file, then they are as `npm run docs` writes them', (part) => {
  const document = textOf(part.file);
  expect(placed(document, part)).toBe(document);
});

describe('the table of processes in docs/architecture.md', () => {
  const rows = cells('docs/architecture.md', 'private port');
  const events = z
    .object({ operations: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(textOf('docs/asyncapi.json')));
  const plan = planPorts(8000, 1);
  const plans = serviceNames.map((name) => [name, [plan[name]].flat()[0]] as const);

  test('given the services, then it has a row for each', () => {
    expect(rows.map(({ process }) => process).toSorted()).toEqual(serviceNames.toSorted());
  });

  test.each(plans)('given %s, then its ports, collections and events are right', (name, ports) => {
    const row = rows.find(({ process }) => process === name);
    const received = Object.keys(events.operations)
      .filter((id) => id.startsWith(`${name}-receives-`))
      .map((id) => id.slice(`${name}-receives-`.length));
    const collections = new Map<string, readonly string[]>(Object.entries(collectionsOf)).get(name) ?? [];
    expect({
      port: Number(row?.port),
      privatePort: Number(row?.['private port']),
      collections: codeSpans(row?.collections ?? '').toSorted(),
      consumes: codeSpans(row?.consumes ?? '').toSorted(),
    }).toEqual({ ...ports, collections: collections.toSorted(), consumes: received.toSorted() });
  });
});

test('given a port in README.md, then it is one that npm start or a container listens on', () => {
  const plan = planPorts(8000, 3);
  const listened = serviceNames
    .flatMap((name) => plan[name])
    .flatMap(({ port, privatePort }) => [port, privatePort]);
  const published = [settings.MONGO_EXPRESS_PORT, settings.GATEWAY_PORT, settings.MAILPIT_PORT, '5173'];
  const known = new Set(
    [...listened, plan.mail.http, plan.mail.smtp].map(String).concat(published.map(String)),
  );
  const named = [...textOf('README.md').matchAll(/localhost:(\d+)/g)].map(([, port = '']) => port);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((port) => !known.has(port))).toEqual([]);
});

test('given an event that a service consumes, then docs/events.md says what that effects', () => {
  const described = cells('docs/events.md', 'effect').flatMap(({ event }) => codeSpans(event ?? ''));
  const consumed = new Set(serviceNames.flatMap((name): readonly string[] => services[name].consumes));
  expect(described.toSorted()).toEqual([...consumed].toSorted());
});

describe('settings', () => {
  /** These names in capitals are no settings, but buckets, streams and names of other software. */
  const OTHERS =
    /^(KV_\w+|DEAD_LETTERS|COMPOSE_FILE|NODE_USE_ENV_PROXY|OTEL_SERVICE_NAME|DRAFT_\w+|MONGO_INITDB_\w+|BSON_\w+|X_\w+|SIG\w+|\w*_|_\w+)$/;
  const wildcards = /^(SMTP|NATS|DOCKER|OTEL|DATABASE)_\w*_?$/;

  test.each(documents.filter((file) => !file.startsWith('docs/decisions/')))(
    'given a setting that %s names, then .env.example has it',
    (file) => {
      const named =
        partsOf(textOf(file)).prose.match(/(?<![\w/.$-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w*])/g) ?? [];
      const unknown = named.filter(
        (name) => !Object.hasOwn(settings, name) && !OTHERS.test(name) && !wildcards.test(`${name}*`),
      );
      expect([...new Set(unknown)]).toEqual([]);
    },
  );

  test('given the settings in README.md, then there are ten, with the defaults of .env.example', () => {
    const rows = cells('README.md', 'default');
    expect(rows).toHaveLength(10);
    for (const { setting, default: value } of rows) {
      const [name = ''] = codeSpans(setting ?? '');
      const written = settings[name] ?? 'unknown';
      expect([name, plain(value)]).toEqual([name, written === '' ? 'unset' : written]);
    }
  });
});

describe('the table of docs/limits.md', () => {
  const rows = cells('docs/limits.md', 'setting').map((row) => ({ ...row, name: plain(row.setting) }));
  const known = {
    SECRET_KEY: 'Zq3v9XkT7mPw2LrYb8NdHs5JfGc4EaUo',
    FIRST_SUPERUSER_PASSWORD: 'tells nobody anything',
  };

  test('given the settings of limits, then it has each', () => {
    const limits = Object.keys(settings).filter((name) => /^(LIMIT|LOGIN_SLOWDOWN)_/.test(name));
    expect(rows.map(({ name }) => name).toSorted()).toEqual(limits.toSorted());
  });

  test.each([
    ['local', '`local`'],
    ['production', 'staging, production'],
  ])('given ENVIRONMENT=%s, then its values are the defaults', (ENVIRONMENT, column) => {
    const limitsWith = (more: Record<string, string>) =>
      loadConfig({ ...known, ENVIRONMENT, ...more }).limits;
    for (const row of rows) {
      const value: string = Object.entries(row).find(([name]) => name === column)?.[1] ?? '';
      expect([row.name, limitsWith({ [row.name]: value })]).toEqual([row.name, limitsWith({})]);
    }
  });
});

describe('docs/http-api.md', () => {
  test('given a refusal that it quotes, then the code contains this text', () => {
    const quoted = cells('docs/http-api.md', 'body').flatMap(({ body }) =>
      [...(body ?? '').matchAll(/"detail":"([^"]+)"/g)].map(([, words = '']) => words),
    );
    expect(quoted.length).toBeGreaterThan(8);
    expect(
      quoted.filter((words) => !sources.includes(words.replaceAll("'", "\\'")) && !sources.includes(words)),
    ).toEqual([]);
  });

  test('given its routes beyond the template, then the document has them', () => {
    const routes = cells('docs/http-api.md', 'route beyond the template').flatMap((row) =>
      codeSpans(row['route beyond the template'] ?? ''),
    );
    const known = new Set(
      operations.map(({ method, path }) => `${method.toUpperCase()} ${path.slice('/api/v1'.length)}`),
    );
    expect(routes.length).toBeGreaterThan(5);
    expect(routes.filter((route) => !known.has(route))).toEqual([]);
  });
});

test('given the operations of the API, then api.http has each once, as the document says', () => {
  const text = textOf('api.http');
  // The ids below one path have one variable: `/items/{id}` is `/items/{{item_id}}`.
  const variables = new Map<string, Set<string>>();
  const requests = [...text.matchAll(/^(GET|POST|PUT|PATCH|DELETE) \{\{api\}\}(\S*)$/gm)].map(
    ([, method = '', target = '']) => {
      const path = (target.split('?')[0] ?? '').replaceAll(/\{\{(\w+_id)\}\}/g, (_, name: string) => {
        const group = target.split('/')[1] ?? '';
        variables.set(group, (variables.get(group) ?? new Set()).add(name));
        return '{{id}}';
      });
      return `${method} ${path}`;
    },
  );
  const wanted = operations.map(({ method, path }) => {
    const target = path.slice('/api/v1'.length).replaceAll(/\{(?:\w+_)?(\w+)\}/g, '{{$1}}');
    return `${method.toUpperCase()} ${target}`;
  });
  expect(requests.toSorted()).toEqual(wanted.toSorted());
  const used = [...variables.values()].flatMap((names) => [...names]);
  expect(used).toHaveLength(variables.size);
  const ids = [...text.matchAll(/^@(\w+_id) = /gm)].map(([, name = '']) => name);
  expect(used.toSorted()).toEqual(ids.toSorted());
  const needToken = operations.filter(({ security }) => security).length;
  expect(text.match(/^Authorization: Bearer \{\{(token|admin_token)\}\}$/gm)).toHaveLength(needToken);
});

test('given what a process waits for at its start, then docs/troubleshooting.md says what it means', () => {
  const waits = [...sources.matchAll(/\bwaitFor\(\s*(?:'([^']+)'|"([^"]+)")/g)].map(
    ([, one, other]) => one ?? other,
  );
  expect(waits.length).toBeGreaterThan(3);
  const text = textOf('docs/troubleshooting.md');
  expect(waits.filter((what) => !text.includes(`waiting for ${what}`))).toEqual([]);
});

test('given a log message that docs/troubleshooting.md explains, then the code writes it', () => {
  const messages = cells('docs/troubleshooting.md', 'log message').flatMap((row) =>
    codeSpans(row['log message'] ?? ''),
  );
  const written = (words: string) =>
    words
      .split('...')
      .every((part) => sources.includes(part.trim().replace(/^(still )?waiting for\b.*/, 'waiting for')));
  expect(messages.length).toBeGreaterThan(10);
  expect(messages.filter((words) => !written(words))).toEqual([]);
});

test('given a row of docs/security.md, then the tests that show it are named by file', () => {
  const rows = rowsWith(partsOf(textOf('docs/security.md')).prose, 'shown by');
  const vague = rows.filter((row) => {
    const shown = row['shown by'] ?? '';
    if (/^(the same|see \[below\])/.test(shown) || /npm run test:/.test(shown)) return false;
    const files = codeSpans(shown)
      .flatMap(unbraced)
      .filter((path) => path.endsWith('.test.ts'));
    return files.length === 0 || files.some((file) => filesNamed(file).length !== 1);
  });
  expect(rows.length).toBeGreaterThan(30);
  expect(vague).toEqual([]);
});

const isMeasured = (paragraph: string): boolean =>
  [/^Measured /m, /\bcores\b/, /\bcommit\s[0-9a-f]{7}\b/, /\b20\d\d-\d\d-\d\d\b/].every((part) =>
    part.test(paragraph),
  );

test('given figures in a document, then their section says on which machine, at which commit and when', () => {
  const bare = documents
    .filter((file) => file.startsWith('docs/') && !file.startsWith('docs/decisions/'))
    .flatMap((file) =>
      textOf(file)
        .split(/^(?=#{1,3} )/m)
        .filter((section) => /^\|.*\d[\d.,]* (ms|MB|µs|requests\/s|logins\/s)\b/m.test(section))
        // Goals are not measured.
        .filter((section) => !section.startsWith('## Goals') && !section.split('\n\n').some(isMeasured))
        .map((section) => `${file} ${section.split('\n')[0]}`),
    );
  expect(bare).toEqual([]);
});

test('given the memory of a process in docs/operations/scaling.md, then Kubernetes reserves as much', () => {
  const rows = cells('docs/operations/scaling.md', 'memory at rest, after load');
  for (const row of rows) {
    const [, afterLoad = ''] = /, (\d+) MB/.exec(row['memory at rest, after load'] ?? '') ?? [];
    const [, reserved = ''] =
      /requests: \{.*memory: (\d+)Mi/.exec(textOf(`deploy/kubernetes/base/${row.process}.yaml`)) ?? [];
    expect([row.process, Number(reserved) * 1.048576 >= Number(afterLoad)]).toEqual([row.process, true]);
  }
  expect(rows).toHaveLength(4);
});
