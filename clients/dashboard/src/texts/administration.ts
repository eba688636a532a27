export const administrationTexts = { title: 'Administration', overview: 'Overview' } as const;
