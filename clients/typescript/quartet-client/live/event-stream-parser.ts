/** `id` is the last that the stream has named, up to this message. */
export type Message = { id: string; event: string; data: string };

/** Reads `text/event-stream` in pieces of any size (HTML, 9.2.6). */
export type EventStreamParser = {
  /** Returns the messages that this piece completes. */
  push(text: string): Message[];
  /** Also of a block without data; one that is cut off does not count. */
  lastEventId(): string;
  /** What the last `retry` asked for. */
  retryMs(): number | undefined;
};

export function createEventStreamParser(): EventStreamParser {
  let rest = '';
  let isAfterReturn = false;
  let block = newBlock('');
  let lastEventId = '';
  let retryMs: number | undefined;

  function setField(name: string, value: string): void {
    if (name === 'data') block.data.push(value);
    else if (name === 'event') block.event = value;
    else if (name === 'id' && !value.includes('\0')) block.id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
  }

  function endBlock(): Message[] {
    const { id, event, data } = block;
    lastEventId = id;
    block = newBlock(id);
    return data.length === 0 ? [] : [{ id, event: event || 'message', data: data.join('\n') }];
  }

  function readLine(line: string): Message[] {
    if (line === '') return endBlock();
    const [name = '', ...values] = line.split(':');
    // A comment has no name, so that no field takes it.
    setField(name, values.join(':').replace(/^ /, ''));
    return [];
  }

  return {
    push(text) {
      if (text === '') return [];
      // The second half of a line break whose first half ended the piece before.
      const added = isAfterReturn && text.startsWith('\n') ? text.slice(1) : text;
      isAfterReturn = text.endsWith('\r');
      const lines = (rest + added).split(/\r\n|\r|\n/);
      rest = lines.pop() ?? '';
      return lines.flatMap(readLine);
    },
    lastEventId: () => lastEventId,
    retryMs: () => retryMs,
  };
}

const newBlock = (id: string) => ({ id, event: '', data: [] as string[] });
