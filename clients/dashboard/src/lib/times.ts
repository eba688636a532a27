/** `1 h 5 min`, as short as a table needs it. */
export function shortDuration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium' });

/** `9:41:55 AM`, of the browser's time zone. */
export const clockTime = (iso: string): string => clock.format(new Date(iso));
