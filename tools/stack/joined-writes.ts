/** Lines that arrived together go out in one system call, which costs more than a line. */
export type JoinedWrites = { write(text: string): void; flush(): void };

export function joinWrites(stream: NodeJS.WritableStream): JoinedWrites {
  let joined = '';
  let isWaiting = false;
  const flush = (): void => {
    isWaiting = false;
    const text = joined;
    joined = '';
    if (text !== '') stream.write(text);
  };
  return {
    write(text) {
      joined += text;
      if (isWaiting) return;
      isWaiting = true;
      queueMicrotask(flush);
    },
    flush,
  };
}
