import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

interface Terminal {
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
}

/** One line of input. On a terminal it is asked for and not shown; from a pipe it is simply read. */
export async function readSecret(question: string, { input, output }: Terminal): Promise<string> {
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (input.isTTY) output.write(question);
  const reader = createInterface({ input, output: muted, terminal: input.isTTY === true });
  try {
    for await (const line of reader) return line;
    return '';
  } finally {
    reader.close();
    if (input.isTTY) output.write('\n');
  }
}
