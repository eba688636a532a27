/** So many requests may wait for their turn, on all connections together; one takes about 1.5 kB. */
const MOST_WAITING = 10_000;

type Waiting = { waiting(): number };

/** The requests that wait on all connections of a server: few where callers wait for their answers. */
export type ConnectionCount = {
  joined(): void;
  left(number: number): void;
};

/** @param options.cut when there are too many, is given the connection that has most of them */
export function createConnectionCount<C extends Waiting>(options: {
  connections: () => Iterable<C>;
  cut: (greediest: C) => void;
}): ConnectionCount {
  let all = 0;
  return {
    joined() {
      all += 1;
      if (all <= MOST_WAITING) return;
      let greediest: C | undefined;
      for (const one of options.connections()) {
        if (!greediest || one.waiting() > greediest.waiting()) greediest = one;
      }
      if (greediest) options.cut(greediest);
    },
    left(number) {
      all -= number;
    },
  };
}
