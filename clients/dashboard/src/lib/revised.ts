/** A thing of the API and the `ETag` of it as it was read. */
export type Revised<T> = { value: T; etag: string };

/** Makes an operation whose answer has its `ETag`: `const readRevised = revised(ItemsService.readItem)`. */
export const revised =
  <Options, Data>(
    operation: (options: Options) => Promise<{ data?: Data; error?: unknown; response?: Response }>,
  ) =>
  async (options: Options): Promise<{ data?: Revised<Data>; error?: unknown; response?: Response }> => {
    const { data, ...rest } = await operation(options);
    if (data === undefined) return rest;
    // Without one, any revision fits.
    return { ...rest, data: { value: data, etag: rest.response?.headers.get('ETag') ?? '*' } };
  };
