import type { DataLoss, DataLossPlan } from './data-loss.ts';
import type { Random } from './random.ts';

/** A fault waits for time and for answers, so that a slow machine can recover. */
export type InjectedFault = { afterMs: number; afterAnswers: number; targets: string[] } & (
  | { kind: 'kill' }
  /** SIGCONT follows after `forMs`; other faults may come in between. */
  | { kind: 'freeze'; forMs: number }
  | { kind: 'erase'; what: DataLoss }
);

const SHARE_OF_FREEZES = 0.2;
const SHARE_OF_PAIRS = 0.25;
const PAUSE_MS = [100, 1_500] as const;
/** Often no answer is awaited, so that a starting process is hit too. */
const ANSWERS = [-15, 30] as const;
/** A freeze is shorter than any timeout of the product. */
const FREEZE_MS = [500, 5_000] as const;

/** A quarter of the kills are pairs; the same seed gives the same faults. */
export function planFaults(
  random: Random,
  targets: readonly string[],
  kills: number,
  { losses, percent }: DataLossPlan,
): InjectedFault[] {
  const planned: InjectedFault[] = [];
  const nextTarget = deck(random, targets);
  const nextPair = deck(random, pairsOf(targets));
  const nextLoss = deck(random, losses);
  for (let left = kills; left > 0; ) {
    const when = {
      afterMs: random.between(...PAUSE_MS),
      afterAnswers: Math.max(0, random.between(...ANSWERS)),
    };
    if (losses.length > 0 && random.next() * 100 < percent) {
      planned.push({ kind: 'erase', ...when, targets: ['broker'], what: nextLoss() });
      continue;
    }
    const draw = random.next();
    if (draw < SHARE_OF_FREEZES) {
      planned.push({ kind: 'freeze', ...when, targets: [nextTarget()], forMs: random.between(...FREEZE_MS) });
      continue;
    }
    const isPair = draw < SHARE_OF_FREEZES + SHARE_OF_PAIRS && left > 1 && targets.length > 1;
    const hit = isPair ? nextPair() : [nextTarget()];
    planned.push({ kind: 'kill', ...when, targets: hit });
    left -= hit.length;
  }
  return planned;
}

/** Returns every card once in random order, and then repeats that. */
function deck<T>(random: Random, cards: readonly T[]): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = random.shuffle(cards);
    const card = left.pop();
    if (card === undefined) throw new Error('there is no process to hit');
    return card;
  };
}

const pairsOf = (names: readonly string[]): string[][] =>
  names.flatMap((first, at) => names.slice(at + 1).map((second) => [first, second]));
