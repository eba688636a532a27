import type { Loss, LossPlan } from './losses.ts';
import type { Random } from './random.ts';

/**
 * What is done to one process or two at once: `afterMs` after the strike before it, and when `afterAnswers` more writes
 * have been answered, so that a slow machine is not struck all the time before anything works again.
 */
export type InjectedFault = { afterMs: number; afterAnswers: number; targets: string[] } & (
  | { kind: 'kill' }
  /** SIGSTOP, and SIGCONT after `forMs`; meanwhile the strikes go on. */
  | { kind: 'freeze'; forMs: number }
  /** The broker loses it, and goes on without, or begins again. */
  | { kind: 'lose'; what: Loss }
);

const SHARE_OF_FREEZES = 0.2;
const SHARE_OF_PAIRS = 0.25;
const PAUSE_MS = [100, 1_500] as const;
/** Often none: what is just coming back is struck too. */
const ANSWERS = [-15, 30] as const;
/** Shorter than any wait for an answer in the product: a freeze is a hiccup, not an end. */
const FREEZE_MS = [500, 5_000] as const;

/**
 * Kills `kills` processes, each name in its turn, a quarter of the strikes on a pair, with freezes and losses in between.
 * The same random series gives the same strikes.
 */
export function planFaults(
  random: Random,
  targets: readonly string[],
  kills: number,
  { losses, percent }: LossPlan,
): InjectedFault[] {
  const strikes: InjectedFault[] = [];
  const nextTarget = deck(random, targets);
  const nextPair = deck(random, pairsOf(targets));
  const nextLoss = deck(random, losses);
  for (let left = kills; left > 0; ) {
    const when = {
      afterMs: random.between(...PAUSE_MS),
      afterAnswers: Math.max(0, random.between(...ANSWERS)),
    };
    if (losses.length > 0 && random.next() * 100 < percent) {
      strikes.push({ kind: 'lose', ...when, targets: ['broker'], what: nextLoss() });
      continue;
    }
    const draw = random.next();
    if (draw < SHARE_OF_FREEZES) {
      strikes.push({ kind: 'freeze', ...when, targets: [nextTarget()], forMs: random.between(...FREEZE_MS) });
      continue;
    }
    const isPair = draw < SHARE_OF_FREEZES + SHARE_OF_PAIRS && left > 1 && targets.length > 1;
    const struck = isPair ? nextPair() : [nextTarget()];
    strikes.push({ kind: 'kill', ...when, targets: struck });
    left -= struck.length;
  }
  return strikes;
}

/** Deals all cards in a random order, and then again: every one has its turn. */
function deck<T>(random: Random, cards: readonly T[]): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = random.shuffle(cards);
    const card = left.pop();
    if (card === undefined) throw new Error('there is nothing to strike');
    return card;
  };
}

const pairsOf = (names: readonly string[]): string[][] =>
  names.flatMap((first, at) => names.slice(at + 1).map((second) => [first, second]));
