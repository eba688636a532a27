type Split = { lines: string[]; rest: Buffer };

function split(raw: Buffer): Split {
  const crlf = raw.indexOf('\r\n\r\n');
  const lf = raw.indexOf('\n\n');
  const ends = [crlf < 0 ? raw.length : crlf + 2, lf < 0 ? raw.length : lf + 1];
  const end = Math.min(...ends);
  const lines: string[] = [];
  for (const line of raw.toString('latin1', 0, end).split(/\r?\n/)) {
    const last = lines.length - 1;
    if (/^[ \t]/.test(line) && last >= 0) lines[last] += `\r\n${line}`;
    else if (line !== '') lines.push(line);
  }
  return { lines, rest: raw.subarray(end) };
}

const nameOf = (line: string): string => line.slice(0, Math.max(0, line.indexOf(':'))).trim();

/** Mailpit's answers have Go's spelling: `Message-Id`, `Mime-Version`. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** The keys are canonical names, sorted; values are unfolded but not decoded (RFC 5322). */
export function readHeaders(raw: Buffer): Record<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of split(raw).lines) {
    const name = canonical(nameOf(line));
    if (name === '') continue;
    const value = Buffer.from(line.slice(line.indexOf(':') + 1), 'latin1').toString('utf8');
    const unfolded = value.replace(/\r\n[ \t]+/g, ' ').trim();
    const values = found.get(name);
    if (values === undefined) found.set(name, [unfolded]);
    else values.push(unfolded);
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function setHeader(raw: Buffer, name: string, value: string): Buffer {
  const { lines, rest } = split(raw);
  const kept = lines.filter((line) => nameOf(line).toLowerCase() !== name.toLowerCase());
  const added = Buffer.from(`${name}: ${value}`, 'utf8').toString('latin1');
  const head = [added, ...kept, ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), rest]);
}
