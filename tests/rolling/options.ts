import { readOptions, UsageError, wholeNumber } from '../../tools/command-line.ts';
import { type Sabotage, sabotages } from './sabotages.ts';

export type Options = {
  rounds: number;
  rate: number;
  writers: number;
  seed: number;
  drainSeconds: number;
};

export type Arguments = Options & { help: boolean; sabotage: Sabotage | undefined };

export const usage = `Usage: npm run test:rolling -- [options]

Starts two replicas of gateway, auth, items and notifier, sends them requests through both gateways, restarts every
replica in turn with SIGTERM, and checks that no request failed and that every answered write has its document, event,
effects and e-mail.

  --rounds N       how often every replica is restarted (1)
  --rate N         requests a second (220)
  --writers N      clients that write side by side; reads fill up the rate (6)
  --seed N         same seed, same choices of the writers (1)
  --drain SECONDS  DRAIN_SECONDS of every process (2)
  --sabotage NAME  break the promise on purpose: ${[...sabotages.keys()].join(', ')}; succeeds when that is caught
  --help           this text

A request fails that is answered with 5xx, or whose connection broke, or that has no answer after 30 s. Not a failure:
a connection that was refused, when another gateway takes the request. An answer that the API must not give counts apart.

Exit code: 0 when the promise held (with --sabotage: was seen broken), 1 when not (data and logs are kept), 2 for a wrong
command line, 130 after Ctrl-C.`;

/** @throws {UsageError} for a wrong command line */
export function parseOptions(argv: string[]): Arguments {
  const { help, sabotage: name, ...numbers } = parse(argv);
  const sabotage = name === undefined ? undefined : sabotages.get(name);
  if (name !== undefined && !sabotage) {
    throw new UsageError(`--sabotage must be one of ${[...sabotages.keys()].join(', ')}, not "${name}"`);
  }
  return {
    help,
    sabotage,
    rounds: wholeNumber('--rounds', numbers.rounds, 1, 1_000),
    rate: wholeNumber('--rate', numbers.rate, 10, 10_000),
    writers: wholeNumber('--writers', numbers.writers, 1, 64),
    seed: wholeNumber('--seed', numbers.seed, 0, 2 ** 32 - 1),
    drainSeconds: wholeNumber('--drain', numbers.drain, 0, 8),
  };
}

const parse = (argv: string[]) =>
  readOptions(argv, {
    rounds: { type: 'string', default: '1' },
    rate: { type: 'string', default: '220' },
    writers: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    drain: { type: 'string', default: '2' },
    sabotage: { type: 'string' },
  });
