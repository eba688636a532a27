import * as z from 'zod';

const id = z.string().regex(/^[0-9a-f]{24}$/);

export const userOrigin = z.enum(['signup', 'admin', 'seed', 'private']).meta({
  description:
    'Who made the user: themselves (signup), an admin, auth at its first start (seed), or a test (private).',
  examples: ['signup'],
});

export type UserOrigin = z.output<typeof userOrigin>;

const USER_ID = '6702a1b3c4d5e6f708192a3b';
const ITEM_ID = '67136f2e8d9c0b1a2f3e4d5c';

const user = {
  user_id: id.meta({ description: 'Id of the user.', examples: [USER_ID] }),
  email: z.string().meta({
    description: 'Address of the user, in lower case: after a change the new one, after a deletion the last.',
    examples: ['ada@example.com'],
  }),
};
const session = {
  session_id: z.string().meta({
    description: 'Id of the session, as in the `sid` of its tokens.',
    examples: ['0d7e4a1c-2b7a-4f6e-9d54-3a1f0c8b6e21'],
  }),
  until: z.number().meta({
    description: 'When the last of its tokens expires, in seconds since the epoch.',
    examples: [1_798_000_000],
  }),
};
const standing = {
  is_active: z.boolean().meta({ description: 'Whether the user may log in.', examples: [true] }),
  is_superuser: z.boolean().meta({ description: 'Whether the user is an admin.', examples: [false] }),
};
const changedBy = z.enum(['owner', 'link', 'admin']).meta({
  description: 'Who set the password: its owner, whoever opened the link in an e-mail, or an admin.',
  examples: ['owner'],
});
const item = {
  item_id: id.meta({ description: 'Id of the item.', examples: [ITEM_ID] }),
  owner_id: id.meta({ description: 'Id of the user whose item it is.', examples: [USER_ID] }),
};
const changed = (...fields: string[]) =>
  z.array(z.string()).meta({
    description: `Names of the fields that have another value now, out of ${fields.join(', ')}.`,
    examples: [fields.slice(0, 1)],
  });

export type Producer = 'auth' | 'items';

/** The first field of `data` is the event's subject. */
type Contract = { version: number; producer: Producer; summary: string; data: z.ZodObject };

/** Events carry no secrets; `published-contracts.test.ts` says which change needs a new version. */
export const contracts = {
  'user.created': {
    version: 1,
    producer: 'auth',
    summary: 'A user has signed up, or was made by an admin, by auth at its first start, or by a test.',
    data: z.object({ ...user, ...standing, origin: userOrigin }),
  },
  'user.updated': {
    version: 1,
    producer: 'auth',
    summary: 'A user’s address, its verification, name, role or activation has another value.',
    data: z.object({
      ...user,
      ...standing,
      changed: changed('email', 'full_name', ...Object.keys(standing), 'is_verified'),
      // An auth of an earlier release leaves it out.
      is_verified: z
        .boolean()
        .optional()
        .meta({ description: 'Whether somebody has proven that the address is theirs.', examples: [true] }),
      previous_email: z
        .string()
        .optional()
        .meta({
          description: 'The user’s address before, when whoever is there is told and may undo the change.',
          examples: ['ada@old.example.com'],
        }),
      sessions_ended: z
        .boolean()
        .optional()
        .meta({
          description:
            'Whether sessions ended too: all of them, since the user’s former address has undone a change of address, or all but at most one, since the user or an admin has ended them.',
          examples: [false],
        }),
    }),
  },
  'user.logged-out': {
    version: 1,
    producer: 'auth',
    summary: 'One session of a user was ended, by a logout or from the list of sessions; the others live on.',
    data: z.object({ user_id: user.user_id, ...session }),
  },
  'user.session-stolen': {
    version: 1,
    producer: 'auth',
    summary: 'A refresh token was used a second time, so auth has ended its session; the others live on.',
    data: z.object({ ...user, ...session }),
  },
  'user.verification-requested': {
    version: 1,
    producer: 'auth',
    summary: 'Somebody asked for a link to verify the address of an active user, which is not verified.',
    data: z.object(user),
  },
  'user.deleted': {
    version: 1,
    producer: 'auth',
    summary: 'A user was deleted, by themselves or by an admin.',
    data: z.object(user),
  },
  'password.reset-requested': {
    version: 1,
    producer: 'auth',
    summary:
      'Somebody asked for a link to set a new password, by the address of an active user, or has undone a change of address.',
    data: z.object(user),
  },
  'password.changed': {
    version: 1,
    producer: 'auth',
    summary: 'A password was changed by its owner, set through a link, or set by an admin.',
    data: z.object({ ...user, by: changedBy }),
  },
  'password.guessing-detected': {
    version: 1,
    producer: 'auth',
    summary: 'Somebody has tried so many wrong passwords on an active user that auth answers them slower.',
    data: z.object({
      ...user,
      failures: z
        .int()
        .min(1)
        .meta({
          description: 'How many attempts have failed since the last that was right, or was long ago.',
          examples: [10],
        }),
    }),
  },
  'item.created': {
    version: 1,
    producer: 'items',
    summary: 'An item was made.',
    data: z.object(item),
  },
  'item.updated': {
    version: 1,
    producer: 'items',
    summary: 'An item’s title or description has another value.',
    data: z.object({ ...item, changed: changed('title', 'description') }),
  },
  'item.deleted': {
    version: 1,
    producer: 'items',
    summary: 'An item was deleted: by its owner, by an admin, or because its owner is gone.',
    data: z.object(item),
  },
} as const satisfies Record<string, Contract>;

export type EventType = keyof typeof contracts;

export type EventData<T extends EventType> = z.output<(typeof contracts)[T]['data']>;

/** Whether there is a contract for an event of this name. */
export const isEventType = (text: string): text is EventType => Object.hasOwn(contracts, text);

export const eventTypes: readonly EventType[] = Object.keys(contracts).filter(isEventType);
