// One WebSocket after another: connects, and connects again with a growing pause whenever it is lost.

import { at } from './base.js';
import { ask } from './protocol.js';
import { Pulse } from './pulse.js';

const PAUSE_FIRST = 250;
const PAUSE_MAX = 5000;

export interface Handlers {
  /** On every new connection. */
  opened(): void;
  received(frame: ArrayBuffer): void;
  /** It ended; the reason is the server's, or empty. */
  lost(reason: string): void;
}

export class Connection {
  #handlers: Handlers;
  #socket: WebSocket | null = null;
  #pause = PAUSE_FIRST;
  #timer = 0;
  #pulse = new Pulse(() => this.send(ask()), () => this.restart());

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
    const changed = () => this.#hurry();
    addEventListener('online', changed);
    addEventListener('offline', changed);
    document.addEventListener('visibilitychange', () => document.hidden || this.#hurry());
  }

  open(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const socket = new WebSocket(at('ws').replace(/^http/, 'ws'));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#pulse.heard();
      this.#handlers.opened();
    };
    socket.onmessage = ({ data }) => {
      // One that was given up may still have something to say.
      if (socket !== this.#socket) return;
      this.#pulse.heard();
      this.#handlers.received(data as ArrayBuffer);
    };
    socket.onclose = ({ reason }) => this.#ended(socket, reason);
    this.#socket = socket;
    this.#pulse.begin();
  }

  /** The connection works: the next pause is a short one again. */
  settled(): void {
    this.#pause = PAUSE_FIRST;
  }

  /** Sends now or not at all; what must arrive is kept in the outbox. */
  send(frame: ArrayBuffer): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** Gives this connection up for a new one. */
  restart(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.close();
    this.#ended(socket, '');
  }

  #ended(socket: WebSocket, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#pulse.end();
    this.#handlers.lost(reason);
    // Spread out, so that pages do not all come back at the same moment.
    this.#timer = setTimeout(() => this.open(), this.#pause * (0.5 + Math.random()));
    this.#pause = Math.min(this.#pause * 2, PAUSE_MAX);
  }

  /** The network, or whether anyone looks, is another: no time to wait for what may be possible now, or dead. */
  #hurry(): void {
    if (this.#timer) this.open();
    else this.#pulse.doubt();
  }
}
