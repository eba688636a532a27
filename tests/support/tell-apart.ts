/** Returns the probability that one of `a` is shorter than one of `b` (Mann-Whitney's U). */
export function tellApart(a: readonly number[], b: readonly number[]): number {
  let shorter = 0;
  for (const one of a) {
    for (const other of b) shorter += one < other ? 1 : one === other ? 0.5 : 0;
  }
  return shorter / (a.length * b.length);
}

/** The order is random, so that the machine's load affects all kinds alike; values are milliseconds. */
export async function measure<K extends string>(
  kinds: Record<K, (n: number) => Promise<unknown>>,
  each: number,
  atATime: number,
): Promise<Record<K, number[]>> {
  const names = Object.keys(kinds) as K[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, number[]>;
  const order = names
    .flatMap((name) => Array.from({ length: each }, (_, n) => ({ name, n, at: Math.random() })))
    .toSorted((one, other) => one.at - other.at);
  const worker = async () => {
    for (let next = order.pop(); next; next = order.pop()) {
      const startedAt = performance.now();
      await kinds[next.name](next.n);
      times[next.name].push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return times;
}
