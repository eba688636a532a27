import { expect, test } from 'vitest';
import { createEventStreamParser } from './event-stream-parser.ts';

const STREAM = [
  ': open\nid: 4\n\n',
  'id: 5\nevent: item.created\ndata: {"a":"b: c"}\n\n',
  ': alive\nid: 7\n\n',
  'data:one\ndata: two\ndata\n\n',
  'retry: 1500\nretry: soon\nevent: end\ndata:  x\n\n',
].join('');
const MESSAGES = [
  { id: '5', event: 'item.created', data: '{"a":"b: c"}' },
  { id: '7', event: 'message', data: 'one\ntwo\n' },
  { id: '7', event: 'end', data: ' x' },
];

const piecesOf = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));

function read(pieces: readonly string[]) {
  const parser = createEventStreamParser();
  return { parser, messages: pieces.flatMap(parser.push) };
}

test.each(['\n', '\r\n', '\r'])(
  'given %j for a line break, then the messages are the same in pieces of any size',
  (lineBreak) => {
    const text = STREAM.replaceAll('\n', lineBreak);
    for (let size = 1; size <= text.length; size += 1) {
      const { parser, messages } = read(piecesOf(text, size).flatMap((piece) => [piece, '']));
      expect([size, messages]).toEqual([size, MESSAGES]);
      expect([parser.lastEventId(), parser.retryMs()]).toEqual(['7', 1_500]);
    }
  },
);

test('given an id without data, then it is the last, and no message', () => {
  const { parser, messages } = read([': open\nid: 9\n\n']);
  expect([messages, parser.lastEventId()]).toEqual([[], '9']);
});

test('given a block that is cut off, then neither its data nor its id count', () => {
  const { parser, messages } = read(['id: 1\ndata: a\n\nid: 2\ndata: b\n']);
  expect([messages, parser.lastEventId()]).toEqual([[{ id: '1', event: 'message', data: 'a' }], '1']);
});

test('given an id with NUL, or a field that nobody knows, then it is left out', () => {
  const { parser, messages } = read(['id: 1\n\nid: 2\0\nevents: x\ndata: a\n\n']);
  expect([messages, parser.lastEventId()]).toEqual([[{ id: '1', event: 'message', data: 'a' }], '1']);
});

test('given an empty id, then there is none from then on', () => {
  expect(read(['id: 1\n\nid\n\n']).parser.lastEventId()).toBe('');
});
