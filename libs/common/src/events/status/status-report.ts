import * as z from 'zod';

/** What waits in a queue; the age is null while nothing waits, and when it is not known. */
const backlog = z.object({ waiting: z.int().min(0), oldest_age_seconds: z.number().min(0).nullable() });

const consumerLag = z.object({
  pending: z.int().min(0),
  ack_pending: z.int().min(0),
  redelivered: z.int().min(0),
  oldest_age_seconds: z.number().min(0).nullable(),
});

/** `name` is what a user of the API calls them, such as `items`. */
const documents = z.object({ name: z.string().max(64), count: z.int().min(0) });

/** A service has some of these parts. */
export const statusParts = z.object({
  outbox: backlog,
  consumer: consumerLag,
  emails: backlog,
  dead_letters: backlog,
  documents,
});

export type Backlog = z.output<typeof backlog>;
export type ConsumerLag = z.output<typeof consumerLag>;
export type StatusParts = z.output<typeof statusParts>;
export type StatusPart = keyof StatusParts;

export const statusPartNames = Object.keys(statusParts.shape) as StatusPart[];

/** A process that was taken over must not fill the gateway's memory. */
const reasons = z.array(z.string().max(300)).max(20);

export const replicaReport = z.object({
  kind: z.literal('report'),
  ask: z.string(),
  replica: z.string().regex(/^[0-9a-f]{16}$/),
  version: z.string().max(64),
  started_at: z.iso.datetime(),
  problems: reasons,
  notes: reasons,
  parts: statusParts.partial(),
  /** These parts could not be read in time. */
  unread: z.array(z.enum(statusPartNames)),
});

export type ReplicaReport = z.output<typeof replicaReport>;

/** A replica that ends says so, since nobody should miss it. */
const farewell = z.object({ kind: z.literal('farewell'), replica: z.string() });

export const statusMessage = z.discriminatedUnion('kind', [replicaReport, farewell]);

export type StatusMessage = z.output<typeof statusMessage>;
