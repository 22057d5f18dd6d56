import { connect, type Socket } from 'node:net';

/**
 * A connection to a service, asked again only when it has answered. It knows as much of HTTP as that
 * takes: clients that use `node:http` need as much of a core for a request as the service does.
 */
export class Connection {
  readonly #socket: Socket;
  #answered: (status: number) => void = () => {};
  readonly #host: string;
  #text = '';

  private constructor(socket: Socket, host: string) {
    this.#host = host;
    this.#socket = socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (text) => this.#read(String(text)));
  }

  static open({ hostname, host, port }: URL): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => resolve(new Connection(socket, host)));
      socket.on('error', reject);
    });
  }

  /** @param answered called with the status of the answer, when all of it is there */
  ask(path: string, answered: (status: number) => void): void {
    this.#answered = answered;
    this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n\r\n`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    const headEnd = this.#text.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(this.#text.slice(0, headEnd + 2))?.[1];
    if (length === undefined) throw new Error('found no content-length; expected one');
    if (this.#text.length < headEnd + 4 + Number(length)) return;
    const status = Number(this.#text.slice(9, 12));
    this.#text = '';
    this.#answered(status);
  }
}
