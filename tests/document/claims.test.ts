import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  allFiles,
  anchorsOf,
  codeSpans,
  documents,
  filesNamed,
  partsOf,
  ROOT,
  textOf,
  unbraced,
} from './markdown.ts';

const execute = promisify(execFile);

describe.each(documents)('%s', (file) => {
  const text = textOf(file);
  const { prose, blocks } = partsOf(text);

  test('given a link into the repository, then file and heading are there', () => {
    const broken = [...prose.matchAll(/(?:\]\(|\ssrc(?:set)?=")([^)\s"]+)[)"]/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const linked = path === '' ? file : normalize(join(dirname(file), path));
        if (!existsSync(join(ROOT, linked))) return true;
        return anchor !== undefined && !anchorsOf(textOf(linked)).has(anchor);
      });
    expect(broken).toEqual([]);
  });

  test('given a file that is named, then it is there', () => {
    const missing = codeSpans(prose)
      .filter(isPath)
      .flatMap(unbraced)
      .filter((path) => filesNamed(path).length === 0);
    expect(missing).toEqual([]);
  });

  test('given a table, then each row has as many cells as its head', () => {
    const lines = prose.split('\n');
    const count = (line = '') => line.replaceAll(/\\\||`[^`]*`/g, '').split('|').length;
    const uneven = lines.filter((line, at) => {
      if (!line.startsWith('|')) return false;
      let head = at;
      while (lines[head - 1]?.startsWith('|')) head -= 1;
      return count(line) !== count(lines[head]);
    });
    expect(uneven).toEqual([]);
  });

  test('given a command of npm, then package.json has it', () => {
    const named = [prose, ...blocks.map((block) => block.text)].flatMap((part) =>
      [...part.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, name = '']) => name),
    );
    expect(named.filter((name) => !Object.hasOwn(scripts, name) && !ELSEWHERE_RUN.has(name))).toEqual([]);
  });
});

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(textOf('package.json')));
/** These paths belong to the template's dashboard. */
const ELSEWHERE_RUN = new Set(['dev']);

const TOP = /^(services|libs|tools|tests|bench|clients|deploy|docs|\.ci)\//;
const ENDING = /\.(ts|js|md|yml|json|mjml|html|conf|http|sh|toml)$/;
/** A reader or a run creates these, or they are in Node, the database or an address. */
const ELSEWHERE =
  /^(_http_server\.js|stack\.json|package\/.*|quartet-users\.conf|secantusd\.toml|openapi\.json|asyncapi\.json|broker\/nats-server\.conf)$/;

/** A reader chooses the names in capitals. */
const isPath = (span: string): boolean =>
  /^[\w.@{},*/-]+$/.test(span) &&
  (TOP.test(span) || ENDING.test(span)) &&
  !/\b(NAME|NNNN|EVENT|KIND)\b/.test(span) &&
  !/^[/.]\w+$/.test(span) &&
  !span.startsWith('/') &&
  !span.startsWith('.data') &&
  !ELSEWHERE.test(span);

test('given an option of a command, then its help knows it', { timeout: 240_000 }, async () => {
  const asked = new Map<string, Set<string>>();
  for (const file of documents) {
    for (const [, name = '', options = ''] of textOf(file).matchAll(
      /\bnpm (?:run )?(?:--silent )?(start|[a-z]+:[a-z:]+|fuzz|generate) -- ((?:[^\n`#]*))/g,
    )) {
      const known = asked.get(name) ?? new Set();
      for (const [option] of options.matchAll(/--[a-z][\w-]*/g)) known.add(option);
      asked.set(name, known);
    }
  }
  const unknown = await Promise.all(
    [...asked].map(async ([name, options]) => {
      const script = scripts[name]?.replace(/^node /, '');
      if (script === undefined) return [];
      const { stdout } = await execute(process.execPath, [script, '--help'], { cwd: ROOT });
      return [...options].filter((option) => !stdout.includes(option)).map((option) => `${name} ${option}`);
    }),
  );
  expect(asked.size).toBeGreaterThan(5);
  expect(unknown.flat()).toEqual([]);
});

test('given a command in package.json, then README.md or CONTRIBUTING.md names it', () => {
  const text = textOf('README.md') + textOf('CONTRIBUTING.md');
  const named = (name: string) =>
    new RegExp(`npm (run |run --silent )?${name}(?![\\w:-])`).test(text) || name === 'postinstall';
  expect(Object.keys(scripts).filter((name) => !named(name))).toEqual([]);
});

test('given a document that code or deployment names, then file and heading are there', () => {
  const naming = allFiles.filter(
    (file) =>
      /\.(ts|js|yml|conf|sh|json|example|css|html)$|Dockerfile|\.ci\/run/.test(file) &&
      !file.startsWith('docs/'),
  );
  const broken = naming.flatMap((file) =>
    [...textOf(file).matchAll(/(?<![\w/-])docs\/[\w/-]+\.(?:md|json)(?:#([\w-]+))?/g)]
      .filter(([target, anchor]) => {
        const [path = ''] = target.split('#');
        if (!existsSync(join(ROOT, path))) return true;
        return anchor !== undefined && !anchorsOf(textOf(path)).has(anchor);
      })
      .map(([target]) => `${file}: ${target}`),
  );
  expect(broken).toEqual([]);
});
