const HIDDEN = /^<(script|style|title|template)[\s>/]/i;
const BREAKS = /^<(?:\/(?:p|div|tr|li|h[1-6]|table|ul|ol|blockquote)|br|hr)\b/i;
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** The search only moves forward, so that a hostile mail costs linear time. */
function endOfMarkup(lower: string, open: number): number {
  const after = (needle: string, from: number): number => {
    const found = lower.indexOf(needle, from);
    return found < 0 ? lower.length : found + needle.length;
  };
  if (lower.startsWith('<!--', open)) return after('-->', open + 4);
  const hidden = HIDDEN.exec(lower.slice(open, open + 12))?.[1];
  return after('>', hidden === undefined ? open + 1 : after(`</${hidden}`, open) - 1);
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

export function htmlToText(html: string): string {
  // Lower-casing must not move positions: some letters outside ASCII become longer.
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const markup = /<[a-z/!?]/gi;
  let text = '';
  let at = 0;
  for (let found = markup.exec(html); found !== null; found = markup.exec(html)) {
    text += html.slice(at, found.index).replace(/\s+/g, ' ');
    text += BREAKS.test(html.slice(found.index, found.index + 14)) ? '\n' : '';
    at = endOfMarkup(lower, found.index);
    markup.lastIndex = at;
  }
  text += html.slice(at).replace(/\s+/g, ' ');
  return decode(text)
    .split('\n')
    .map((line) => line.replace(/[\s\uFEFF]+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

export function createSnippet(text: string, html: string): string {
  const plain = (html.trim() === '' ? text : htmlToText(html)).replace(/[\s\uFEFF]+/g, ' ').trim();
  const letters = [...plain.slice(0, 500)];
  return letters.length <= 200 ? plain : `${letters.slice(0, 200).join('')}...`;
}
