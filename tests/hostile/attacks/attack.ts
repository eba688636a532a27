/** An account that anybody could have. */
export type Account = { email: string; password: string };

/** What an attacker has: an address of its own, and accounts. The first of them has a session. */
export type Arms = Account & {
  /** Address of the API, with its prefix. */
  api: string;
  /** The loopback address that the attacker calls from. */
  from: string;
  /** More of them, as many as the attack asks for. */
  others: Account[];
  token: string;
  itemId: string;
};

export type Told = {
  sent(requests: number): void;
  /** The status of an answer, or how a connection ended. */
  heard(what: string): void;
};

/** A way to starve others. */
export type Attack = {
  /** A row of the table: the name of its file, and behind a slash what is particular. */
  name: string;
  what: string;
  /** How many items its account must have, and how many others it needs. */
  items: number;
  accounts: number;
  /** Whether a short run tries it. */
  isShort: boolean;
  run(arms: Arms, told: Told): Promise<void>;
};
