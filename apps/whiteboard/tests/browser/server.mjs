// A running whiteboard for a test.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const BINARY = process.env.WHITEBOARD_BIN;
if (!BINARY) throw new Error('WHITEBOARD_BIN must name the whiteboard binary');

const on = (data, port) => ['--listen', `127.0.0.1:${port}`, '--data', data];

export class Server {
  #child;

  /** One that cannot write a file beyond so many blocks of 512 bytes, until the limit is lifted. */
  static limited(data, blocks) {
    // Ignored, the signal leaves the error to the program, as a full disk does.
    return Server.#run('sh', ['-c', `ulimit -S -f ${blocks}; exec "$0" "$@"`, BINARY, ...on(data, 0)]);
  }

  /** From now on it can write files of any length. */
  lift() {
    const { status } = spawnSync('prlimit', ['--pid', String(this.#child.pid), '--fsize=unlimited']);
    if (status !== 0) throw new Error('prlimit, of the Debian package util-linux, does not lift the limit');
  }

  /** Starts one on `data`, with these options; without a port it gets a free one. */
  static start(data, port = 0, environment = {}, options = []) {
    return Server.#run(BINARY, [...on(data, port), ...options], environment);
  }

  static async #run(program, words, environment = {}) {
    const server = new Server();
    server.#child = spawn(program, words, {
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
