import type { LoadRequest } from '../load/order.ts';
import type { Watched } from '../observing/processes.ts';
import type { RouteName } from '../routes/names.ts';

/** This is a whole application of others, which checks tokens and has a database of its own. */
export type Application = {
  /** The figures belong to these versions. */
  versions: string;
  url: string;
  watched: Watched;
  /** Returns a list for each connection, or one for all. */
  requests(route: RouteName): LoadRequest[][];
  /** A growing table would make each write of the next round more expensive. */
  removePosted(): Promise<void>;
};

export const superuser = { email: 'admin@example.com', password: 'changethis' };
