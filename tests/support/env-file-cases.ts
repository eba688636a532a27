// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how a file refers to another setting
/** `value` is what A becomes; `differs` names the reader with another value. */
export type Case = { file: string; value: string | undefined; differs?: 'python-dotenv' };

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

export const readable: Case[] = [
  ...same('x', [
    'A=x',
    ' A = x ',
    'A=x\t',
    'export A=x',
    'export\tA=x',
    'A=x # remark',
    'A="x"# remark',
    "A='x' # it's",
  ]),
  ...same('x', [
    'A=1\nA=x',
    '\n# remark\n\n  A=x\n\n',
    'A=\u00a0x\u00a0',
    'A=x\r\nB=2\r\n',
    'A="x"\r\nB=2\r\n',
  ]),
  ...same('production', ['\uFEFFA=production', '\uFEFF# remark\r\nA=production\r\n', 'A="production"']),
  ...same('', ['A=', 'A=  ', 'A=""', "A=''", 'A=1\nA=', 'A=\nB=2']),
  { file: 'B=2', value: undefined },
  // A # without a space before it is part of the value.
  ...same('Sup3r#2024', ['A=Sup3r#2024', 'A="Sup3r#2024"', "A='Sup3r#2024'", 'A=Sup3r#2024 # remark']),
  ...same('#x', ['A=#x', 'A="#x"']),
  ...same('a # b', ['A="a # b"', "A='a # b'"]),
  ...same('My "Shop"', ['A="My \\"Shop\\""', 'A=\'My "Shop"\'', 'A=My "Shop"']),
  ...same("it's", ["A='it\\'s'", 'A="it\'s"', "A=it's"]),
  ...same('a\nb', ['A="a\\nb"', 'A="a\nb"', "A='a\nb'"]),
  ...same('a\\nb', ["A='a\\nb'", 'A=a\\nb', 'A="a\\\\nb"']),
  ...same('C:\\dir', ['A=C:\\dir', "A='C:\\dir'", 'A="C:\\dir"', 'A="C:\\\\dir"']),
  ...same('x\\', ['A=x\\', 'A="x\\\\"']),
  ...same('\u0007\b\f\r\t\v', ['A="\\a\\b\\f\\r\\t\\v"']),
  ...same('first\nB=no setting\nlast', ['A="first\nB=no setting\nlast"']),
  ...same('=x', ['A==x', 'A= =x']),
  ...same('`x`', ['A=`x`']),
  ...same('“x”', ['A=“x”']),
  ...same('https://x/?a=b&c=d#e', ['A=https://x/?a=b&c=d#e']),
  ...same('["http://a","http://b"]', ['A=["http://a","http://b"]', 'A=\'["http://a","http://b"]\'']),
  { file: "A='a\\\\b'", value: 'a\\\\b', differs: 'python-dotenv' },
  { file: 'A="it\\\'s"', value: "it\\'s", differs: 'python-dotenv' },
  { file: 'A: x', value: 'x', differs: 'python-dotenv' },
  ...same('a$b', ["A='a$b'"]),
  ...same('a$5b', ['A=a$5b', 'A="a$5b"']),
  ...same('a$', ['A=a$', 'A="a$"']),
  ...same('1x', [
    lines('B=1', 'A=${B}x'),
    lines('B=1', 'A="${B}x"'),
    lines('A=${B:-1}x'),
    lines('B=1', 'A=${B:-2}x'),
  ]),
  ...same('{"a":"x","b":{"c":"y"}}', ['A={"a":"${B:-x}","b":{"c":"${C:-y}"}}']),
  ...compose('${B}', [lines('B=1', "A='${B}'")]),
  ...compose('a$b', ['A=a$$b', 'A="a$$b"', 'A="a\\$b"']),
  ...compose('1', [
    lines('B=1', 'A=$B'),
    lines('B=1', 'A="$B"'),
    lines('B=1', 'A=${C:-$B}'),
    lines('B=1', 'A=${C:-${B}}'),
  ]),
  ...compose('x', [
    'A=${B-x}',
    lines('B=1', 'A=${B:+x}'),
    lines('B=', 'A=${B+x}'),
    lines('B=', 'A=${C:-${B:-x}}'),
  ]),
  ...compose('', ['A=${B:+x}']),
  ...same('', [lines('B=', 'A=${B-x}'), 'A=${B+x}']),
  ...compose('a?b', ['A=${B-a?b}']),
  ...compose('y', [lines('B=y', 'A=${B:?is needed}'), lines('B=y', 'A=${B?is needed}')]),
];

/** The entries are the file, the number of the bad line and a part of the message. */
export const refused: [file: string, line: number, why: string][] = [
  [lines('B=1', 'A'), 2, 'no NAME=value'],
  [lines('B=1', 'ENVIRONMENT production'), 2, 'no NAME=value'],
  [lines('A=', '  http://a.example'), 2, 'no NAME=value'],
  [lines('=x'), 1, 'no name'],
  [lines('1A=x'), 1, 'no name'],
  [lines('A-B=x'), 1, 'no name'],
  [lines('A B=x'), 1, 'no name'],
  [lines("'A'=x"), 1, 'no name'],
  [lines('ENVIR\u041eNMENT=production'), 1, 'no name'],
  [lines('B=1', '\uFEFFENVIRONMENT=production'), 2, 'no name'],
  [lines('# remark', 'A="abc', 'B=2', 'C=3'), 2, 'never closed'],
  [lines("A='abc\\'"), 1, 'never closed'],
  [lines('A="abc', 'ENVIRONMENT=production', 'B="def"'), 1, 'behind the closing quote, which is on line 3'],
  [lines('A="x"y'), 1, 'behind the closing quote'],
  [lines('A="x" B="y"'), 1, 'behind the closing quote'],
  [lines('A= # remark'), 1, 'begins a remark'],
  [lines('A=x\t# remark'), 1, 'begins a remark'],
  [lines('B=2', 'A=pa$word'), 2, 'write $$ for a dollar sign'],
  [lines('A="pa$word"'), 1, 'write $$ for a dollar sign'],
  [lines('A=${B}'), 1, 'write $$ for a dollar sign'],
  [lines('B=1', 'A=${B'), 2, 'not closed'],
  [lines('A=${5}'), 1, 'no name of a variable'],
  [lines('A=${B:-{}}'), 1, 'no name of a variable'],
  [lines('A=${B:?gone}'), 1, 'B is needed'],
  [lines('B=', 'A=${B:?gone}'), 2, 'B is needed'],
  [lines('A="\\0123"'), 1, 'octal'],
  ['# remark\rENVIRONMENT=production\r', 1, 'carriage return'],
  [lines('B=1', 'A=\u001b[31m'), 2, 'control character'],
];

function same(value: string, files: string[]): Case[] {
  return files.map((file) => ({ file, value }));
}

/** docker compose has a rule of its own for these files. */
function compose(value: string, files: string[]): Case[] {
  return files.map((file) => ({ file, value, differs: 'python-dotenv' }));
}
