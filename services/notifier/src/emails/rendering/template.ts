export type Template<Name extends string> = {
  fill: (values: Partial<Record<Name, string>>, encode?: (value: string) => string) => string;
};

/** @throws {Error} when the text holds a placeholder that is not in `names`, or an unfinished `{{` */
export function parseTemplate<Name extends string>(
  source: string,
  text: string,
  names: readonly Name[],
): Template<Name> {
  const isKnown = (name: string): name is Name => names.some((known) => known === name);
  const parts = text.split(/\{\{(.*?)\}\}/s).map((part, index) => {
    if (index % 2 === 0) {
      if (part.includes('{{')) throw new Error(`${source}: a placeholder is not closed`);
      return { literal: part };
    }
    if (!isKnown(part)) throw new Error(`${source}: unknown placeholder {{${part}}}`);
    return { name: part };
  });
  return {
    // One pass fills all values, so a placeholder inside a value stays as it is.
    fill: (values, encode = (value) => value) =>
      parts
        .map((part) => {
          if ('literal' in part) return part.literal;
          const value = values[part.name];
          if (value === undefined) throw new Error(`${source}: no value for {{${part.name}}}`);
          return encode(value);
        })
        .join(''),
  };
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The result is safe as HTML text and inside a quoted attribute. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
