export const statuses = ['queued', 'sent', 'failed', 'cancelled'] as const;

/** What the address bar holds of the list. */
export type EmailsSearch = { status?: (typeof statuses)[number] | undefined; to?: string | undefined };

export const emailsSearch = ({ status, to }: Record<string, unknown>): EmailsSearch => ({
  status: statuses.find((each) => each === status),
  to: typeof to === 'string' ? to : undefined,
});
