// A way to the server that can die without a word, as a network does: connections stay open, and nothing comes through.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Relay {
  #ways = new Set();
  #dead = false;
  #target = 0;
  #server = createServer((near) => this.#relay(near));

  static async start() {
    const relay = new Relay();
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    relay.port = relay.#server.address().port;
    return relay;
  }

  to(port) {
    this.#target = port;
  }

  /** From now on nothing comes through; who connects is answered by nobody. */
  die() {
    this.#dead = true;
    for (const { near, far } of this.#ways) {
      near.unpipe(far);
      far.unpipe(near);
    }
  }

  /** New connections come through again; those that died stay dead. */
  revive() {
    this.#dead = false;
  }

  end() {
    for (const { near, far } of this.#ways) for (const end of [near, far]) end.destroy();
    this.#server.close();
  }

  #relay(near) {
    const far = connect(this.#target, '127.0.0.1');
    const way = { near, far };
    this.#ways.add(way);
    for (const end of [near, far]) {
      end.on('error', () => {});
      end.on('close', () => {
        near.destroy();
        far.destroy();
        this.#ways.delete(way);
      });
    }
    if (this.#dead) return;
    near.pipe(far);
    far.pipe(near);
  }
}
