// What the server's journal has of this board: every action, with its time and what its author was called then.

import { at } from './base.js';
import { type Action, type FlagMessage, type ObjectMessage, decode } from './protocol.js';
import { Fields } from './wire.js';

/** Beyond so much the oldest steps are given up: what they drew is there, and no steps of their own. */
const BYTES_MAX = 32 * 1024 * 1024;
const STEPS_MAX = 100_000;
/** No part of it within this is none. */
const PATIENCE = 45_000;
/** A server that is asked for too much is asked again after so long, so many times in a row. */
const PAUSE = 2000;
const TRIES = 5;

/** What changed the board. */
export type Change = ObjectMessage | FlagMessage;

/** A step of the board's history. */
export interface Kept {
  message: Change;
  /** Milliseconds since 1970. */
  time: number;
  /** Of its author; empty if nobody knows. */
  name: string;
  /** The journal lacks what came before it. */
  gap: boolean;
  bytes: number;
}

/** Everything that was read. */
export interface Past {
  steps: Kept[];
  /** Older steps were given up. */
  isCut: boolean;
}

/**
 * All steps of a board, the oldest first; `null` if the server keeps none. `told(steps)` hears how many there are so far. What it throws has a
 * message for people.
 */
export async function readPast(board: string, told: (steps: number) => void, gone: AbortSignal): Promise<Past | null> {
  const reading = new Reading();
  let from: string | null = '';
  while (from !== null) {
    const part = await ask(board, from, gone);
    if (part === null) return null;
    from = reading.take(part);
    told(reading.steps.length);
  }
  return { steps: reading.steps, isCut: reading.isCut };
}

async function ask(board: string, from: string, gone: AbortSignal): Promise<ArrayBuffer | null> {
  for (let tries = 1; ; tries += 1) {
    let answer: Response;
    let body: ArrayBuffer;
    try {
      const signal = AbortSignal.any([gone, AbortSignal.timeout(PATIENCE)]);
      answer = await fetch(at(`past/${board}${from}`), { cache: 'no-store', signal });
      body = await answer.arrayBuffer();
    } catch {
      throw new Error('The server does not answer.');
    }
    if (answer.ok) return body;
    if (answer.status === 404) return null;
    if (answer.status !== 429 || tries === TRIES) throw new Error(`The server does not tell: it answers ${answer.status}.`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** The steps as they come, in parts. */
export class Reading {
  steps: Kept[] = [];
  isCut = false;
  #bytes = 0;
  #gap = false;

  /** Takes a part; what asks for the next one, or `null` if this is the last. */
  take(part: ArrayBuffer): string | null {
    const fields = new Fields(part);
    const [epoch, sequence, more] = [fields.u32(), fields.u64(), fields.u8()];
    while (fields.more) {
      const time = fields.number();
      const name = fields.text(fields.u8());
      const frame = fields.bytes(fields.u16());
      if (frame.length === 0) this.#gap = true;
      else this.#step(time, name, part.slice(frame.byteOffset, frame.byteOffset + frame.length));
    }
    return more === 1 ? `?from=${epoch}.${sequence}` : null;
  }

  #step(time: number, name: string, frame: ArrayBuffer): void {
    const message = decode(frame);
    if (!message || !isChange(message)) return;
    // A store that was put back to an older state goes on from there.
    while (this.steps.length > 0 && this.steps.at(-1)!.message.revision >= message.revision) {
      this.#bytes -= this.steps.pop()!.bytes;
    }
    this.steps.push({ message, time, name, gap: this.#gap, bytes: frame.byteLength });
    this.#gap = false;
    this.#bytes += frame.byteLength;
    this.#bound();
  }

  #bound(): void {
    if (this.#bytes <= BYTES_MAX && this.steps.length <= STEPS_MAX) return;
    this.isCut = true;
    let given = 0;
    // An eighth more than has to go, so that it is not done for every step.
    while (this.#bytes > (BYTES_MAX * 7) / 8 || this.steps.length - given > (STEPS_MAX * 7) / 8) {
      this.#bytes -= this.steps[given]!.bytes;
      given += 1;
    }
    this.steps.splice(0, given);
  }
}

function isChange(message: { kind: string }): message is Change {
  return (message as Action).kind !== 'chat' && 'revision' in message && 'action' in message;
}
