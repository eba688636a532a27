export type Html = { readonly html: string };

type Part = string | number | Html | readonly Html[];

/** Texts and numbers are escaped for an element or a quoted attribute. */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html => ({
  html: String.raw({ raw: strings }, ...parts.map(htmlOf)),
});

export const paragraphs = (text: string): Html[] =>
  text.split('\n\n').map((paragraph) => html`<p>${withCode(paragraph)}</p>\n`);

const withCode = (text: string): Html[] =>
  text.split('`').map((piece, n) => (n % 2 === 0 ? html`${piece}` : html`<code>${piece}</code>`));

function htmlOf(part: Part): string {
  if (typeof part === 'string') return part.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(htmlOf).join('');
}
