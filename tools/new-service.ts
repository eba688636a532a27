import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { descriptions } from '../services/services.ts';
import { runCommand, UsageError } from './command-line.ts';
import { freePort, type Names, parseNames } from './new-service/names.ts';
import { planService } from './new-service/plan.ts';
import { unsuitable } from './new-service/tree.ts';

const usage = `Usage: npm run new:service -- NAME [options]

Makes a service NAME with the routes, events and tests of items, and writes it into all files that name services: the table
services/services.ts, the contracts of events, compose, Kubernetes, Dockerfile, Prometheus, .env.example and the lock file.
NAME is a plural in kebab-case, as in notes or time-entries.

  --singular WORD   name of one thing, where English has no rule for it (people: person)
  --force           write although the tree has changes, or something is in the way
  --help            this text

Exit code: 0, 1 when the tree is not fit for it, 2 for a wrong command line or a name that no service can have.`;

const root = join(import.meta.dirname, '..');

type Options = { help: boolean; force: boolean; names: Names };

function parseOptions(args: string[]): Options {
  const { values, positionals } = readArguments(args);
  const { help = false, force = false, singular } = values;
  const [name, ...more] = positionals;
  if (help) return { help, force, names: { plural: '', singular: '' } };
  if (name === undefined || more.length > 0) throw new UsageError('one NAME is needed, as in notes');
  return { help, force, names: parseNames(name, singular, descriptions) };
}

function readArguments(args: string[]) {
  const options = {
    help: { type: 'boolean', short: 'h' },
    force: { type: 'boolean' },
    singular: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : String(err));
  }
}

async function run({ names, force }: Options): Promise<number> {
  const port = freePort(descriptions);
  const { files, problems } = planService(root, names, port);
  const dirty = unsuitable(root);
  const obstacles = [...(dirty === undefined ? [] : [dirty]), ...problems];
  if (obstacles.length > 0) console.error(obstacles.join('\n'));
  if (obstacles.length > 0 && !force) {
    console.error('Nothing was written. --force writes all the same.');
    return 1;
  }
  for (const [file, content] of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), content);
  }
  const program = (...args: string[]) =>
    execFileSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const formatted = [...files.keys()].filter((file) => file.endsWith('.ts'));
  program('node_modules/@biomejs/biome/bin/biome', 'check', '--write', ...formatted);
  // These run in processes of their own, because this one has loaded the old table.
  const generated = program('tools/deploy-files.ts').match(/(?<=wrote ).*/g) ?? [];
  const published = program('tools/new-service/publish-contracts.ts').match(/.+/g) ?? [];

  for (const file of [...files.keys(), ...generated, ...published].toSorted()) console.log(`wrote ${file}`);
  console.log(`
${names.plural} listens on ${port}. What it is about stands in services/${names.plural}/src: schemas.ts has the fields. Next:

  npm install                               links the workspace
  npm run generate                          the API's documents and the client
  npm run docs                              the tables in docs/
  npm run check
  npx vitest run services/${names.plural}
  npm start                                 then see http://localhost:8000/docs`);
  return 0;
}

await runCommand('new:service', { usage, parseOptions, run });
