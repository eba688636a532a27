import { escapeHtml } from '../docs/escape-html.ts';

export type PageSettings = {
  projectName: string;
  /** Where the API is, without `/api/v1`; undefined where the page came from. */
  apiUrl?: string | undefined;
};

/** Writes what the page's script reads into its head; the build has left places for it. */
export function withSettings(html: string, { projectName, apiUrl = '' }: PageSettings): string {
  const name = escapeHtml(projectName);
  return html
    .replace(/(?<=<title>)[^<]*/, () => name)
    .replace(/(?<=<meta name="quartet-name" content=")[^"]*/, () => name)
    .replace(/(?<=<meta name="quartet-api" content=")[^"]*/, () => escapeHtml(apiUrl));
}
