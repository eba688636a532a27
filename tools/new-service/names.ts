import { type ServiceDescription, settingName } from '@quartet/common/service/description.ts';
import { UsageError } from '../command-line.ts';

/** Both names are in kebab-case, such as `time-entries` and `time-entry`. */
export type Names = { plural: string; singular: string };

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST = 32;

const OTHERS = [
  ...['admin', 'browser', 'common', 'documentdb', 'mailpit', 'mongo-express', 'nats', 'traefik'],
  ...['broker', 'database', 'docs', 'mail', 'openapi', 'services', 'stack'],
];

/** TypeScript allows no constant with these names. */
const KEYWORDS = new Set(
  [
    'await break case catch class const continue debugger default delete do else enum export extends false finally for',
    'function if implements import in instanceof interface let new null package private protected public return static',
    'super switch this throw true try typeof var void while with yield arguments eval any string number boolean',
  ].flatMap((line) => line.split(' ')),
);

/** @throws {UsageError} when no service can have the name; `singular` overrides the rules for English */
export function parseNames(
  plural: string,
  singular: string | undefined,
  table: Readonly<Record<string, ServiceDescription>>,
): Names {
  const rows = Object.entries(table);
  const taken = rows.find(([name]) => settingName(name) === settingName(plural));
  if (taken) throw new UsageError(`"${plural}" is taken: services/${taken[0]} is there`);
  const names = { plural, singular: singular ?? singularOf(plural) };
  for (const name of [names.plural, names.singular]) {
    if (!KEBAB.test(name) || name.length > LONGEST) {
      throw new UsageError(
        `"${name}" is no name in kebab-case: lower-case letters, digits and single hyphens, ${LONGEST} at most`,
      );
    }
    if (name.split('-').some((word) => /^items?$/.test(word))) {
      throw new UsageError(`"${name}" is reserved: items is what new services are copied from`);
    }
    if (KEYWORDS.has(name)) throw new UsageError(`"${name}" is reserved: it is a word of TypeScript`);
  }
  const owner = rows.find(([, { paths }]) => paths.some((path) => `${path}/`.startsWith(`/${plural}/`)));
  if (owner) throw new UsageError(`"${plural}" is taken: /${plural} is a path of ${owner[0]}`);
  if (OTHERS.includes(plural)) throw new UsageError(`"${plural}" is reserved: something else has that name`);
  if (names.singular === plural) {
    throw new UsageError(`"${plural}" is no plural; name one thing of it with --singular`);
  }
  return names;
}

/** Returns the same text when it is no plural by the rules of English. */
function singularOf(plural: string): string {
  if (/[^aeiou]ies$/.test(plural)) return plural.replace(/ies$/, 'y');
  if (/(ss|sh|ch|x|z)es$/.test(plural)) return plural.replace(/es$/, '');
  return /[^s]s$/.test(plural) ? plural.slice(0, -1) : plural;
}

const BETWEEN_PROCESSES = 10;
const MAIL_PORT = 8025;

/** Returns a port that neither a service nor a further items process of `npm start` uses. */
export function freePort(table: Readonly<Record<string, ServiceDescription>>): number {
  const used = new Set(Object.values(table).map(({ port }) => port));
  const items = table.items?.port ?? 0;
  for (let port = Math.min(...used) + 1; ; port += 1) {
    const isItems = (port - items) % BETWEEN_PROCESSES === 0;
    if (!used.has(port) && !isItems && port !== MAIL_PORT) return port;
  }
}
