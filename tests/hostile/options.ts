import { readOptions, UsageError, wholeNumber } from '../../tools/command-line.ts';
import { attackNames, attacks, attacksNamed } from './attacks/all.ts';
import type { Attack } from './attacks/attack.ts';
import { type Sabotage, sabotageNamed, sabotages } from './sabotage/sabotages.ts';

export type Options = {
  attacks: readonly Attack[];
  idleSeconds: number;
  seconds: number;
};

export type Arguments = Options & { help: boolean; json: boolean; sabotage: Sabotage | 'all' | undefined };

export const usage = `Usage: npm run test:hostile -- [options]

Starts a whole stack on loopback and attacks it. Meanwhile another caller, from an address of its own, asks for its
profile and an item, logs in and stores items at a steady rate; the memory of every process is read from /proc (Linux).

  --attack NAME    only this one: ${attackNames.join(', ')}, or one row of the table
  --seconds N      how long each attack goes on (20, with --short 5)
  --short          the attacks of a short run, each for 5 s
  --sabotage NAME  take a mend away, so that its attack works again; succeeds when that is seen:
                     ${sabotages.map(({ name }) => name).join(', ')};
                   or all of them, one after the other
  --json           the result as one JSON document instead of the table
  --help           this text

A row fails when the other caller's p99 is more than 5 times as long as just before the attack (and more than 250 ms, of
a write 500 ms, of a login 1.5 s), when one of its requests fails, when a process holds more than its container may, when
a health check waits more than 3 s, or when 30 s after the attack times or memory (20 %, at least 64 MB) are not as before.
It is then tried once more, in a new stack, and only the second try counts.

Exit code: 0 when the promise held (with --sabotage: was seen broken), 1 when not (logs are kept), 2 for a wrong command
line, 130 after Ctrl-C.`;

const LONG = { idleSeconds: 8, seconds: 20 };
const SHORT = { idleSeconds: 3, seconds: 5 };

/** @throws {UsageError} for a wrong command line */
export function parseOptions(argv: string[]): Arguments {
  const { help, json, short, attack, seconds, sabotage } = parse(argv);
  const times = short ? SHORT : LONG;
  const wanted = attack === undefined ? attacks.filter(({ isShort }) => isShort || !short) : named(attack);
  return {
    ...{ help, json, attacks: wanted, idleSeconds: times.idleSeconds },
    seconds: wholeNumber('--seconds', seconds ?? String(times.seconds), 1, 300),
    sabotage: sabotage === undefined ? undefined : readSabotage(sabotage),
  };
}

const parse = (argv: string[]) =>
  readOptions(argv, {
    short: { type: 'boolean', default: false },
    attack: { type: 'string' },
    seconds: { type: 'string' },
    sabotage: { type: 'string' },
    json: { type: 'boolean', default: false },
  });

function named(name: string): readonly Attack[] {
  const found = attacksNamed(name);
  if (found.length > 0) return found;
  throw new UsageError(`--attack must be one of ${attackNames.join(', ')}, not "${name}"`);
}

function readSabotage(name: string): Sabotage | 'all' {
  if (name === 'all') return name;
  const found = sabotageNamed(name);
  if (found) return found;
  const names = sabotages.map((one) => one.name).join(', ');
  throw new UsageError(`--sabotage must be all or one of ${names}, not "${name}"`);
}
