export const meTexts = { title: 'Me' } as const;
