import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RawAnswer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/**
 * Writes bytes to a socket, whether or not they are HTTP, and resolves with the answer once the server has closed the
 * connection or said all it has to say. `pauseMs` is waited between the pieces.
 */
export async function sendRaw(port: number, pieces: (string | Uint8Array)[], pauseMs = 0): Promise<RawAnswer> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {}); // The server may close while we still write.
  let text = '';
  const answered = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (isWhole(text)) resolve();
    });
  });
  for (const piece of pieces) {
    if (socket.writable) socket.write(piece);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  await answered;
  socket.destroy();
  const [head = '', body = ''] = final(text).split('\r\n\r\n', 2);
  return { status: Number(head.split(' ')[1]), headers: head.toLowerCase(), body };
}

/** Without the interim answer to `Expect: 100-continue`. */
function final(text: string): string {
  return text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
}

function isWhole(text: string): boolean {
  const [head = '', body] = final(text).split('\r\n\r\n', 2);
  const length = /content-length: (\d+)/i.exec(head)?.[1] ?? '0';
  return body !== undefined && !/ 100 /.test(head) && body.length >= Number(length);
}
