import type { ListUnsubscribe } from './mailpit.ts';

export function parseListUnsubscribe(header: string, headerPost: string): ListUnsubscribe {
  if (header === '') return { Header: '', Links: [], Errors: '', HeaderPost: '' };
  const bare = header.replace(/\([^()]*\)/g, '').trim();
  const links: string[] = [];
  const errors: string[] = [];
  const schemes = new Set<string>();
  for (const part of bare.split(',')) {
    const link = /^\s*<([^<>]*)>\s*$/.exec(part)?.[1];
    const scheme = link === undefined ? undefined : /^(mailto|http)s?:/i.exec(link)?.[1]?.toLowerCase();
    if (link === undefined) errors.push(`"${part.trim()}" should be enclosed in <>`);
    else if (/\s/.test(link)) errors.push(`"${link}" should not contain spaces`);
    else if (scheme === undefined) errors.push(`"${link}" should start with either http(s):// or mailto:`);
    else if (schemes.has(scheme)) errors.push(`"${link}" should only contain one ${scheme} link`);
    else if (!URL.canParse(link)) errors.push(`"${link}" is no valid link`);
    else links.push(link);
    if (scheme !== undefined) schemes.add(scheme);
  }
  return { Header: header, Links: links, Errors: errors.join(', '), HeaderPost: headerPost };
}
