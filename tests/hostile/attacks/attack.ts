/** What an attacker has: an address of its own, and an account that anybody could have. */
export type Arms = {
  /** Address of the API, with its prefix. */
  api: string;
  /** The loopback address that the attacker calls from. */
  from: string;
  email: string;
  password: string;
  token: string;
  /** One of its items. */
  itemId: string;
};

/** What an attack tells of itself. */
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
  /** How many items the account must have. */
  items: number;
  /** Whether a short run tries it. */
  isShort: boolean;
  /** Attacks until its thread is ended. */
  run(arms: Arms, told: Told): Promise<void>;
};
