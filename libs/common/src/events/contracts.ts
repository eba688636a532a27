import * as z from 'zod';

const id = z.string().regex(/^[0-9a-f]{24}$/);

/** Who made a user: themselves, an admin, auth at its first start, or a test through `/private/users/`. */
export const userOrigin = z.enum(['signup', 'admin', 'seed', 'private']);

/** A value of {@link userOrigin}. */
export type UserOrigin = z.output<typeof userOrigin>;

const user = { user_id: id, email: z.string() };
const item = { item_id: id, owner_id: id };

/**
 * Every event there is: its version and what its `data` holds. Events carry facts, never secrets.
 * A change that a consumer of the old shape could not read is a new version.
 */
export const contracts = {
  'user.created': {
    version: 1,
    data: z.object({ ...user, is_active: z.boolean(), is_superuser: z.boolean(), origin: userOrigin }),
  },
  'user.updated': {
    version: 1,
    data: z.object({
      ...user,
      is_active: z.boolean(),
      is_superuser: z.boolean(),
      /** Names of the fields that were set. */
      changed: z.array(z.string()),
    }),
  },
  'user.deleted': { version: 1, data: z.object(user) },
  'password.reset-requested': { version: 1, data: z.object(user) },
  'password.changed': {
    version: 1,
    data: z.object({ ...user, by: z.enum(['owner', 'link', 'admin']) }),
  },
  'item.created': { version: 1, data: z.object(item) },
  'item.updated': { version: 1, data: z.object({ ...item, changed: z.array(z.string()) }) },
  'item.deleted': { version: 1, data: z.object(item) },
} as const satisfies Record<string, { version: number; data: z.ZodType }>;

/** Name of an event, which is its subject at the broker too. */
export type EventType = keyof typeof contracts;

/** What an event of this type says. */
export type EventData<T extends EventType> = z.output<(typeof contracts)[T]['data']>;

/** Whether there is a contract for an event of this name. */
export const isEventType = (text: string): text is EventType => Object.hasOwn(contracts, text);
