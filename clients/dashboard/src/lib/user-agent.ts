// The first that fits counts: most browsers name others, too, and Chrome names Safari.
const BROWSERS = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\b(?:OPR|Opera|OPT)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Vivaldi', /\bVivaldi\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS|HeadlessChrome)\//],
  ['Safari', /\bVersion\/[\d.]+ .*\bSafari\//],
] as const;

const SYSTEMS = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\b(?:Macintosh|Mac OS X)\b/],
  ['Linux', /\b(?:Linux|X11)\b/],
] as const;

const find = (list: readonly (readonly [string, RegExp])[], text: string) =>
  list.find(([, pattern]) => pattern.test(text))?.[0];

/** What a `User-Agent` names; of a program that is no browser, its own name, such as `curl`. */
export function programOf(userAgent: string | null): { browser?: string; system?: string } {
  const text = userAgent ?? '';
  const system = find(SYSTEMS, text);
  const browser = find(BROWSERS, text) ?? /^(?!Mozilla\b)[\w.-]+/.exec(text)?.[0];
  return { ...(browser && { browser }), ...(system && { system }) };
}
