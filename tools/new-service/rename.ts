import { privatePortOf, settingName } from '@quartet/common/service/description.ts';
import type { Names } from './names.ts';

/** In data, a name is written as it is, or with underscores beside another; code changes its case. */
export type Kind = 'code' | 'data';

export type Rename = (text: string, kind: Kind) => string;

const ITEMS = { plural: 'items', port: 8002 };

const COMMENT = String.raw`\/\*[\s\S]*?\*\/|\/\/[^\n]*`;
const QUOTED = String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"`;
const TEMPLATE = '`(?:\\\\.|[^`\\\\])*`';
const PARTS = new RegExp(`(?<comment>${COMMENT})|(?<text>${QUOTED}|${TEMPLATE})`, 'g');

const camel = (kebab: string) => kebab.replaceAll(/-(.)/g, (_, first: string) => first.toUpperCase());
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export function createRename(names: Names, port: number): Rename {
  const of = (found: string) => (/s$/i.test(found) ? names.plural : names.singular);

  const everywhere = (text: string): string =>
    text
      .replaceAll(/(?<![A-Za-z])ITEMS?(?![A-Za-z])/g, (found) => settingName(of(found)))
      .replaceAll(new RegExp(`\\b${ITEMS.port}\\b`, 'g'), String(port))
      .replaceAll(new RegExp(`\\b${privatePortOf(ITEMS.port)}\\b`, 'g'), String(privatePortOf(port)));

  const asPath = (text: string): string =>
    text.replaceAll(/(?<![A-Za-z])items?(?![A-Za-z])/g, (found) => of(found));

  const underscored = (text: string): string =>
    text.replaceAll(/(?<=_)items?(?![A-Za-z])|(?<![A-Za-z])items?(?=_)/g, (found) =>
      of(found).replaceAll('-', '_'),
    );

  const joined = (text: string): string =>
    underscored(text)
      .replaceAll(/(?<=[-/])items?(?![A-Za-z])|(?<![A-Za-z])items?(?=[-/])/g, (found) => of(found))
      .replaceAll(/(?<![A-Za-z])items?(?=[A-Z])/g, (found) => camel(of(found)));

  const pascal = (text: string): string =>
    text.replaceAll(/Items?(?![a-z])/g, (found) => capital(camel(of(found))));

  const code = (text: string): string =>
    pascal(joined(text.replaceAll(/\bservices\.items\b/g, memberOf(names.plural)))).replaceAll(
      /(?<![A-Za-z])items?(?![A-Za-z])/g,
      (found) => camel(of(found)),
    );

  const withArticles = (text: string): string =>
    text.replaceAll(/\b([Aa])n(?= item\b)/g, `$1${/^[aeiou]/.test(names.singular) ? 'n' : ''}`);

  /** Sentences have the names as words, as in "an item" and "Item not found". */
  const prose = (text: string): string => {
    const words = (found: string) => of(found).replaceAll('-', ' ');
    return pascal(
      withArticles(joined(text)).replaceAll(/\bItems?(?= [a-z])/g, (found) => capital(words(found))),
    ).replaceAll(/(?<![A-Za-z])items?(?![A-Za-z])/g, words);
  };

  const text = (quoted: string): string => {
    const inner = quoted.startsWith('`') ? quoted.split(/(\$\{[^}]*\})/) : [quoted];
    const isProse = /\s/.test(inner.filter((part) => !part.startsWith('${')).join(''));
    return inner
      .map((part) =>
        part.startsWith('${') ? code(part) : isProse ? prose(part) : pascal(asPath(joined(part))),
      )
      .join('');
  };

  return (source, kind) => {
    if (kind === 'data') return everywhere(asPath(withArticles(underscored(source))));
    let renamed = '';
    let from = 0;
    for (const match of source.matchAll(PARTS)) {
      const [part] = match;
      renamed += code(source.slice(from, match.index));
      renamed += match.groups?.comment === undefined ? text(part) : prose(part);
      from = match.index + part.length;
    }
    return everywhere(renamed + code(source.slice(from)));
  };
}

const memberOf = (plural: string) => (plural.includes('-') ? `services['${plural}']` : `services.${plural}`);

export const identifiersIn = (source: string): Set<string> =>
  new Set(source.replaceAll(PARTS, "''").match(/(?<![\w.])[A-Za-z_]\w*/g));
