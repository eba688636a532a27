import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { contracts, eventTypes } from '@quartet/common/events/contracts.ts';
import * as z from 'zod';

export type Part = { file: string; name: string; text: string };

const asyncApi = z.object({
  operations: z.record(z.string(), z.object({ action: z.enum(['send', 'receive']) })),
});

function eventTable(root: string): string {
  const { operations } = asyncApi.parse(JSON.parse(readFileSync(join(root, 'docs/asyncapi.json'), 'utf8')));
  const rows = eventTypes.map((type) => {
    const { version, producer, summary } = contracts[type];
    const consumers = Object.entries(operations)
      .filter(([id, { action }]) => action === 'receive' && id.endsWith(`-receives-${type}`))
      .map(([id]) => id.slice(0, -`-receives-${type}`.length))
      .map((service) => `[${service}](../services/${service}/src/events/on-${type.replace('.', '-')}.ts)`);
    return `| \`${type}\` | ${version} | ${producer} | ${summary} | ${consumers.join(', ')} |`;
  });
  return ['| event | version | producer | when | consumers |', '|---|---|---|---|---|', ...rows].join('\n');
}

function decisionList(root: string): string {
  const files = globSync('docs/decisions/[0-9]*.md', { cwd: root }).map((file) => basename(file));
  return files
    .toSorted()
    .map((file) => {
      const title = readFileSync(join(root, 'docs/decisions', file), 'utf8').split('\n')[0] ?? '';
      return `- [${file.slice(0, 4)}](${file}) ${title.replace(/^# \d{4} /, '')}`;
    })
    .join('\n');
}

export const partsIn = (root: string): Part[] => [
  { file: 'docs/events.md', name: 'events', text: eventTable(root) },
  { file: 'docs/decisions/README.md', name: 'decisions', text: decisionList(root) },
];

/** Replaces a part of a document. @throws {Error} when the document lacks the two comments */
export function placed(document: string, { file, name, text }: Part): string {
  const begin = `<!-- ${name}: made by npm run docs -->\n`;
  const end = `\n<!-- end of ${name} -->`;
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for ${name}`);
  return document.slice(0, from + begin.length) + text + document.slice(to);
}
