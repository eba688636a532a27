import { readOptions, UsageError, wholeNumber } from '../tools/command-line.ts';
import {
  applicationNames,
  type RouteName,
  routeNames,
  type SubjectName,
  subjectNames,
} from './routes/names.ts';

export const parts = ['routes', 'memory', 'waiting'] as const;

export type Part = (typeof parts)[number];

export type Options = {
  help: boolean;
  isQuick: boolean;
  parts: readonly Part[];
  routes: readonly RouteName[];
  /** Of these, what is not started is left out. */
  subjects: readonly SubjectName[];
  rounds: number;
  seconds: number;
  json: string | undefined;
  markdown: string | undefined;
  /** The services write CPU profiles to this folder. */
  profile: string | undefined;
  /** This is the folder `backend` of a clone of the FastAPI full-stack template. */
  template: string | undefined;
  /** This folder has the programs of PostgreSQL, where PATH does not have them. */
  postgres: string | undefined;
  /** This is a program of PocketBase. */
  pocketbase: string | undefined;
  /** The run measures costs as the data grows, in place of the parts. */
  isScale: boolean;
  /** Of the costs as the data grows, only those of lists of items. */
  onlyLists: boolean;
  documents: number;
};

const LONG = { rounds: 5, seconds: 3 };
const QUICK = { rounds: 2, seconds: 1 };
export const FEW_DOCUMENTS = 1_000;

export const usage = `Usage: npm run bench -- [options]

Starts a stack as npm start does, on engines of its own, and measures each route with 16 connections: requests/s, p50, p99 and
CPU time a request by process, through the gateway and at the service, next to references that do the same with less. Then the
memory of the services (PSS), and how long events and e-mails take. Says of each goal whether it was reached. Linux only.

  --quick          short rounds: for a look, not for figures
  --only PART      ${parts.join(', ')} (all)
  --routes A,B     only these routes, and no other part: ${routeNames.join(', ')}
  --subjects A,B   only these rows of their tables (all that are started): ${subjectNames.join(', ')}
  --rounds N       rounds of each subject that count, after one that does not (${LONG.rounds}, with --quick ${QUICK.rounds})
  --seconds N      length of a round (${LONG.seconds}, with --quick ${QUICK.seconds})
  --json FILE      write all that was measured
  --markdown FILE  write the tables of docs/performance.md
  --profile DIR    CPU profiles of the services go there, and where their time went is printed; costs some per cent itself
  --template DIR   measure the FastAPI template beside it: DIR is the folder backend of a clone, with its Python environment
                   (uv sync); needs initdb and postgres of PostgreSQL
  --postgres DIR   the folder of these two (those on PATH)
  --pocketbase FILE  measure PocketBase beside it
  --scale          instead: what operations cost at ${FEW_DOCUMENTS} documents and at many, on MONGODB_URL or the embedded engine
  --documents N    how many are many (100000)
  --lists          with --scale: only the lists of items, without users and sessions (quick to fill with 1000000)
  --help           this text

Exit code: 0 when all was measured, whatever was reached; 1 when something failed, 2 for a wrong command line, 130 after Ctrl-C.`;

/** @throws {UsageError} for a wrong command line */
export function parseOptions(argv: string[]): Options {
  const { help, quick, scale, lists, json, markdown, profile, template, postgres, pocketbase, ...texts } =
    parse(argv);
  const times = quick ? QUICK : LONG;
  if (scale && (texts.only ?? texts.routes) !== undefined) {
    throw new UsageError('--scale has no parts: leave out --only and --routes');
  }
  if (lists && !scale) throw new UsageError('--lists goes with --scale');
  const applications = { template, postgres, pocketbase };
  if (postgres !== undefined && template === undefined)
    throw new UsageError('--postgres goes with --template');
  const only = texts.only ?? (texts.routes === undefined ? undefined : 'routes');
  const measuredParts = only === undefined ? parts : [oneOf('--only', parts, only)];
  if ((scale || !measuredParts.includes('routes')) && (template ?? pocketbase) !== undefined) {
    throw new UsageError('--template and --pocketbase belong to the routes: leave them out');
  }
  return {
    ...applications,
    ...{ help, json, markdown, profile, isQuick: quick, isScale: scale, onlyLists: lists },
    parts: measuredParts,
    routes: texts.routes?.split(',').map((name) => oneOf('--routes', routeNames, name)) ?? routeNames,
    subjects: subjectsIn(texts.subjects, applications),
    rounds: wholeNumber('--rounds', texts.rounds ?? String(times.rounds), 1, 1_000),
    seconds: wholeNumber('--seconds', texts.seconds ?? String(times.seconds), 1, 600),
    documents: wholeNumber('--documents', texts.documents, 2 * FEW_DOCUMENTS, 10_000_000),
  };
}

const parse = (argv: string[]) =>
  readOptions(argv, {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    routes: { type: 'string' },
    subjects: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    profile: { type: 'string' },
    template: { type: 'string' },
    postgres: { type: 'string' },
    pocketbase: { type: 'string' },
    scale: { type: 'boolean', default: false },
    lists: { type: 'boolean', default: false },
    documents: { type: 'string', default: '100000' },
  });

function subjectsIn(
  text: string | undefined,
  applications: Partial<Record<SubjectName, string>>,
): readonly SubjectName[] {
  const subjects = text?.split(',').map((name) => oneOf('--subjects', subjectNames, name));
  for (const name of applicationNames) {
    if (subjects?.includes(name) && applications[name] === undefined) {
      throw new UsageError(`--subjects has ${name}: name its place with --${name}`);
    }
  }
  return subjects ?? subjectNames;
}

function oneOf<T extends string>(option: string, known: readonly T[], text: string): T {
  const found = known.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} must be one of ${known.join(', ')}, not "${text}"`);
}
