export const administrationTexts = {
  title: 'Administration',
  overview: 'Overview',
  users: 'Users',
  items: 'Items',
  emails: 'E-mails',
  deadLetters: 'Dead letters',
  events: 'Events',
} as const;
