export const itemsTexts = { title: 'Items' } as const;
