import { Pool } from 'undici';

/** One address of a service. */
export type Address = { url: string; pool: Pool; inFlight: number; restsUntil: number };

/** A service behind the gateway, at one or more addresses. */
export type Upstream = {
  /** Longest wait for an answer to begin, and between two parts of it. */
  timeoutMs: number;
  /** The address with the fewest requests in flight among those not `tried`; resting ones only when no other is left. */
  pick(tried: ReadonlySet<Address>): Address | undefined;
  /** Sets an address that cannot be reached aside for a moment. */
  rest(address: Address): void;
  close(): Promise<void>;
};

const REST_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
const CONNECTIONS = 256;

export function createUpstream(urls: readonly string[], timeoutMs: number): Upstream {
  const addresses: Address[] = urls.map((url) => ({
    url,
    pool: new Pool(url, {
      connections: CONNECTIONS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    }),
    inFlight: 0,
    restsUntil: 0,
  }));
  // Among equals the turn goes round, so that an idle service's addresses share the load too.
  let turn = 0;

  return {
    timeoutMs,
    pick(tried) {
      const now = Date.now();
      const untried = addresses.filter((address) => !tried.has(address));
      const awake = untried.filter((address) => address.restsUntil <= now);
      const candidates = awake.length > 0 ? awake : untried;
      turn += 1;
      return candidates
        .map((_, at) => candidates[(at + turn) % candidates.length])
        .filter((address) => address !== undefined)
        .reduce<Address | undefined>(
          (best, address) => (best && best.inFlight <= address.inFlight ? best : address),
          undefined,
        );
    },
    rest(address) {
      address.restsUntil = Date.now() + REST_MS;
    },
    async close() {
      await Promise.all(addresses.map(({ pool }) => pool.destroy()));
    },
  };
}
