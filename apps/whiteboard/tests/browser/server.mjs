// A running whiteboard for a test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const BINARY = process.env.WHITEBOARD_BIN;
if (!BINARY) throw new Error('WHITEBOARD_BIN must name the whiteboard binary');

export class Server {
  #child;

  /** Starts one on `data`; without a port it gets a free one. */
  static async start(data, port = 0, environment = {}, options = []) {
    const server = new Server();
    server.#child = spawn(BINARY, ['--listen', `127.0.0.1:${port}`, '--data', data, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    for await (const line of createInterface({ input: server.#child.stdout })) {
      const address = /http:\/\/[^/\s]+/.exec(line);
      if (address) {
        server.url = address[0];
        server.port = Number(new URL(server.url).port);
        return server;
      }
    }
    throw new Error('the server ended without printing an address');
  }

  /** Ends it as a power failure would. */
  async kill() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
