import { setTimeout as delay } from 'node:timers/promises';
import { type Arena, openArena } from './arena.ts';
import { startAttacker } from './attacker/attacker.ts';
import type { Attack } from './attacks/attack.ts';
import { type Observed, observe } from './observing/observe.ts';
import type { Options } from './options.ts';
import type { Sabotage } from './sabotage/sabotages.ts';
import { differences, faultsOf, type Row } from './verdict.ts';

export type Circumstances = {
  sabotage: Sabotage | undefined;
  say: (line: string) => void;
  signal: AbortSignal;
};

const BACK_WITHIN_MS = 30_000;
const LOOK_MS = 2_000;
const MOST_TRIES = 2;

/** Another load on this machine is unlikely twice, so an attack with faults runs again on a new stack. */
export async function run(options: Options, circumstances: Circumstances): Promise<Row[]> {
  const { sabotage, say, signal } = circumstances;
  const rows: Row[] = [];
  let arena: Arena | undefined;
  const tryOnce = async (attack: Attack, tries: number): Promise<Row> => {
    arena ??= await openArena(sabotage, signal);
    await arena.prepare(attack);
    const row = { ...(await tryAttack(attack, arena, options, signal)), tries };
    const faults = faultsOf(row);
    say(`${attack.name}: ${faults.length > 0 ? faults.join('; ') : 'nobody noticed'}`);
    if (faults.length === 0) return row;
    // Logs are kept only for the last try without a sabotage.
    await close(arena, sabotage === undefined && tries === MOST_TRIES, say);
    arena = undefined;
    return sabotage === undefined && tries < MOST_TRIES ? tryOnce(attack, tries + 1) : row;
  };
  try {
    for (const attack of options.attacks) {
      say(`${attack.name}: ${attack.what}`);
      rows.push(await tryOnce(attack, 1));
    }
    return rows;
  } finally {
    await arena?.stack.stop();
  }
}

async function close({ stack }: Arena, keepData: boolean, say: (line: string) => void): Promise<void> {
  if (keepData) say(`data and logs are kept in ${stack.dataDir}`);
  await stack.stop({ keepData });
}

async function tryAttack(
  attack: Attack,
  { stack, victim, arms }: Arena,
  { idleSeconds, seconds }: Options,
  signal: AbortSignal,
): Promise<Omit<Row, 'tries'>> {
  const observeWhile = async (wait: Promise<unknown>): Promise<Observed> => {
    const over = new AbortController();
    const observing = observe(victim, stack.dataDir, AbortSignal.any([over.signal, signal]));
    await wait
      .finally(() => over.abort())
      .catch(async (err: unknown) => {
        await observing;
        throw err;
      });
    return observing;
  };
  const pause = (ms: number) => delay(ms, undefined, { signal });

  const idle = await observeWhile(pause(idleSeconds * 1_000));
  const attacker = startAttacker(attack, arms);
  const attacking = Promise.race([pause(seconds * 1_000), attacker.failure]);
  let endedAt = Number.NaN;
  const stopping = attacking.finally(() => {
    endedAt = performance.now();
    return attacker.stop();
  });
  const meanwhile = await observeWhile(stopping);
  const { sent, heard } = await attacker.stop();

  for (;;) {
    const after = await observeWhile(pause(LOOK_MS));
    const tookMs = performance.now() - endedAt;
    const isBack = differences(idle, after).length === 0;
    if (!isBack && tookMs < BACK_WITHIN_MS) continue;
    const backAfterSeconds = isBack ? tookMs / 1_000 : undefined;
    return { name: attack.name, idle, meanwhile, after, backAfterSeconds, sent, heard };
  }
}
