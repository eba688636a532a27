export const lists = {
  none: 'Nothing to show',
  range: (from: number, to: number, of: number) => `${from} to ${to} of ${of}`,
  filters: 'Search and filters',
  any: 'Any',
  yes: 'Yes',
  no: 'No',
  clear: 'Clear the filters',
  nothingFound: 'Nothing matches',
  nothingFoundHint: 'Change the search or clear the filters.',
  actions: 'Actions',
} as const;
