/** What the address bar holds of the list. */
export type DeadLettersSearch = { consumer?: string | undefined };

export const deadLettersSearch = ({ consumer }: Record<string, unknown>): DeadLettersSearch => ({
  consumer: typeof consumer === 'string' ? consumer : undefined,
});
