const read = (name: string): string | undefined =>
  document.querySelector<HTMLMetaElement>(`meta[name="quartet-${name}"]`)?.content || undefined;

/** What the server has written into the page at its start. */
export const pageSettings = {
  projectName: read('name') ?? 'Quartet',
  /** Where the API is; undefined where the page came from. */
  apiUrl: read('api'),
};
