/** These ranges are large, and the characters of each behave alike, or are unassigned. */
const ALIKE =
  /[\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48f\uac00-\ud7a3\ud800-\udfff\u{12000}-\u{1b2ff}\u{20000}-\u{2f7ff}\p{Cn}\p{Co}]/u;

/** Yields every character of Unicode that may behave differently from its neighbours. */
export function* characters(): Generator<string> {
  for (let code = 0; code < 0x11_0000; code += 1) {
    const character = String.fromCodePoint(code);
    if (!ALIKE.test(character)) yield character;
  }
}
