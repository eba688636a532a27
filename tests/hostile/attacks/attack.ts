export type Account = { email: string; password: string };

/** An attacker has its own address and accounts; the first account has a session. */
export type Arms = Account & {
  api: string;
  from: string;
  others: Account[];
  token: string;
  itemId: string;
};

export type Told = {
  sent(requests: number): void;
  /** `what` is the status of an answer, or how a connection ended. */
  heard(what: string): void;
};

export type Attack = {
  /** The text before a slash is the name of the file. */
  name: string;
  what: string;
  /** The attack needs so many items and so many other accounts. */
  items: number;
  accounts: number;
  isShort: boolean;
  run(arms: Arms, told: Told): Promise<void>;
};
