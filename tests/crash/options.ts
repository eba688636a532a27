import { readOptions, UsageError, wholeNumber } from '../../tools/command-line.ts';
import { type DataLoss, type DataLossPlan, losses } from './faults/data-loss.ts';
import { type Sabotage, sabotageNamed, sabotages } from './sabotage/sabotages.ts';

export type Options = {
  kills: number;
  /** The check follows after so many kills. */
  round: number;
  seed: number;
  clients: number;
  items: number;
  /** Undefined means all processes. */
  targets: readonly string[] | undefined;
  losses: DataLossPlan;
  quietSeconds: number;
};

export type Arguments = Options & { help: boolean; sabotage: Sabotage | 'all' | undefined };

export const usage = `Usage: npm run test:crash -- [options]

Starts a whole stack, kills its processes and lets its broker lose what it keeps while clients write, and checks every
answered write against documents, events, e-mails and the items of deleted users.

  --kills N        processes to kill with SIGKILL (25)
  --round N        kills after which everything comes to rest and is checked (25)
  --seed N         same seed, same faults and same choices of the clients (1)
  --clients N      clients that write side by side (8)
  --items N        items processes (2)
  --targets A,B    only these get faults, out of gateway, auth, items, items-2, notifier, mail, broker, database
  --losses A,B     the broker loses only these, out of ${losses.join(', ')},
                   the first with all its files; none for no loss (all, or none without broker among the targets)
  --loss-share N   of 100 faults so many are losses (15)
  --quiet SECONDS  longest wait for everything to come to rest (180)
  --sabotage NAME  break the promise on purpose, so that the run must fail:
                     ${sabotages.map(({ name }) => name).join(',\n                     ')};
                   or all: each of them in a short run of its own, which succeeds when every one is caught
  --help           this text

With MONGODB_URL or NATS_URL set the stack runs on that server, which then gets no faults.

Exit code: 0 when the promise held, 1 when not (data and logs are kept), 2 for a wrong command line, 130 after Ctrl-C.`;

/** @throws {UsageError} for a wrong command line */
export function parseOptions(argv: string[]): Arguments {
  const { help, targets: names, losses: wanted, sabotage, ...numbers } = parse(argv);
  const targets = names?.split(',');
  return {
    help,
    kills: wholeNumber('--kills', numbers.kills, 1, 100_000),
    round: wholeNumber('--round', numbers.round, 1, 1_000),
    seed: wholeNumber('--seed', numbers.seed, 0, 2 ** 32 - 1),
    clients: wholeNumber('--clients', numbers.clients, 1, 64),
    items: wholeNumber('--items', numbers.items, 1, 4),
    targets,
    losses: {
      losses: readLosses(wanted ?? (targets && !targets.includes('broker') ? 'none' : 'all')),
      percent: wholeNumber('--loss-share', numbers['loss-share'], 1, 90),
    },
    sabotage: sabotage === undefined ? undefined : readSabotage(sabotage),
    quietSeconds: wholeNumber('--quiet', numbers.quiet, 1, 3_600),
  };
}

const parse = (argv: string[]) =>
  readOptions(argv, {
    kills: { type: 'string', default: '25' },
    round: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '8' },
    items: { type: 'string', default: '2' },
    targets: { type: 'string' },
    losses: { type: 'string' },
    'loss-share': { type: 'string', default: '15' },
    sabotage: { type: 'string' },
    quiet: { type: 'string', default: '180' },
  });

function readLosses(text: string): readonly DataLoss[] {
  if (text === 'none') return [];
  if (text === 'all') return losses;
  return text.split(',').map((name) => {
    const found = losses.find((loss) => loss === name);
    if (found === undefined) throw new UsageError(`--losses: there is no loss "${name}"`);
    return found;
  });
}

function readSabotage(name: string): Sabotage | 'all' {
  if (name === 'all') return name;
  try {
    return sabotageNamed(name);
  } catch (err) {
    throw new UsageError(`--sabotage: ${err instanceof Error ? err.message : err}`);
  }
}
