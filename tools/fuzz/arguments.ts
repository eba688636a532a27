import { readOptions, UsageError, wholeNumber } from '../command-line.ts';

export const CALLERS = ['anonymous', 'user', 'superuser'] as const;
export type Caller = (typeof CALLERS)[number];

export const usage = `Usage: npm run fuzz -- [options]

Calls every operation of the running API with data generated from its own OpenAPI document, valid and not, as an
anonymous caller, a user and a superuser, and checks every answer against the document.

  --examples N            generated calls for each operation, beside those for its limits, 1 to 100000 (200)
  --seed N                the same seed gives much the same data again (a new one, which is shown)
  --caller NAME           only ${CALLERS.join(', ')}; may be given more than once
  --url URL               a stack that runs, such as http://localhost:8000, in place of one of its own;
                          the data that the calls make stay there
  --inbox URL             where its e-mails are caught, such as http://localhost:8025; without it no call undoes a change of
                          address
  --admin EMAIL:PASSWORD  its superuser, whose account is left as it is (admin@example.com:changethis)
  --help                  this text

The first time schemathesis is installed into .cache/fuzz, for which Python 3.11 or newer with pip must be there.
Exit code: 0 when nothing was found, 1 when something was or the run failed, 2 for a wrong command line,
130 after Ctrl-C.`;

export type FuzzOptions = ReturnType<typeof parseArguments>;

export function parseArguments(argv: string[], newSeed: () => number) {
  const { help, examples, seed, caller, url, inbox, admin } = readOptions(argv, {
    examples: { type: 'string', default: '200' },
    seed: { type: 'string' },
    caller: { type: 'string', multiple: true, default: [] },
    url: { type: 'string' },
    inbox: { type: 'string' },
    admin: { type: 'string', default: 'admin@example.com:changethis' },
  });
  const colon = admin.indexOf(':');
  if (colon < 1) throw new UsageError('--admin must be EMAIL:PASSWORD');
  return {
    help,
    examples: wholeNumber('--examples', examples, 1, 100_000),
    seed: seed === undefined ? newSeed() : wholeNumber('--seed', seed, 0, 2 ** 32 - 1),
    callers: CALLERS.filter((name) => caller.length === 0 || knownCallers(caller).includes(name)),
    url: url === undefined ? undefined : origin('--url', url),
    inbox: inbox === undefined ? undefined : origin('--inbox', inbox),
    admin: { email: admin.slice(0, colon), password: admin.slice(colon + 1) },
  };
}

function knownCallers(given: string[]): Caller[] {
  return given.map((name) => {
    const known = CALLERS.find((caller) => caller === name);
    if (known === undefined) throw new UsageError(`--caller must be ${CALLERS.join(', ')}, not "${name}"`);
    return known;
  });
}

function origin(option: string, text: string): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`${option} must be an http address, not "${text}"`);
  return url.origin;
}
