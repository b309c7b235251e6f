// The strokes that others are drawing now, as far as they came. They are bounded, whatever arrives: for each author, and
// together. What is too much takes the place of what was not continued for longest.

import type { SegmentMessage } from './protocol.js';

/** A stroke that nobody continues for this long was given up. */
const ABANDONED = 15_000;
/** A person draws one; others may be finished, and on their way. */
const OF_ONE_MAX = 8;
const STROKES_MAX = 256;
/** Values of the points of a stroke, of which each has three: none is finished with more. */
const VALUES_MAX = 3 * 1814;
const VALUES_TOGETHER_MAX = 3 * 20_000;

/** A stroke while another draws it. */
export interface Live {
  readonly author: bigint;
  readonly action: bigint;
  readonly colour: number;
  readonly width: number;
  readonly points: number[];
  at: number;
}

export class Unfinished {
  /** By author and action; the one that was continued last is the last. */
  #strokes = new Map<string, Live>();
  #values = 0;
  #gone = 0;

  get size(): number {
    return this.#strokes.size;
  }

  /** How many were forgotten so far. */
  get gone(): number {
    return this.#gone;
  }

  [Symbol.iterator](): Iterator<Live> {
    return this.#strokes.values();
  }

  /** The next points of a stroke. Pieces that were missed are bridged by a straight line. */
  grow({ author, action, colour, width, points }: SegmentMessage, now: number): void {
    const key = keyOf(author, action);
    const known = this.#strokes.get(key);
    if (!known) this.#makeRoomFor(author);
    const stroke = known ?? { author, action, colour, width, points: [], at: now };
    this.#strokes.delete(key);
    this.#strokes.set(key, stroke);
    stroke.at = now;
    if (stroke.points.length + points.length > VALUES_MAX) return;
    for (const value of points) stroke.points.push(value);
    this.#values += points.length;
    for (const oldest of this.#strokes.values()) {
      if (this.#values <= VALUES_TOGETHER_MAX) return;
      this.#forget(oldest);
    }
  }

  /** It is finished; whether it was here. */
  finished(author: bigint, action: bigint): boolean {
    const stroke = this.#strokes.get(keyOf(author, action));
    if (stroke) this.#forget(stroke);
    return stroke !== undefined;
  }

  /** Forgets those of an author who left; whether there were any. */
  left(author: bigint): boolean {
    return this.#forgetAll((stroke) => stroke.author === author);
  }

  /** Forgets those that nobody continued; whether there were any. */
  tidy(now: number): boolean {
    return this.#forgetAll(({ at }) => now - at > ABANDONED);
  }

  clear(): void {
    this.#forgetAll(() => true);
  }

  #makeRoomFor(author: bigint): void {
    const own = [...this.#strokes.values()].filter((stroke) => stroke.author === author);
    if (own.length >= OF_ONE_MAX) this.#forget(own[0]!);
    const [oldest] = this.#strokes.values();
    if (oldest && this.#strokes.size >= STROKES_MAX) this.#forget(oldest);
  }

  #forgetAll(which: (stroke: Live) => boolean): boolean {
    const before = this.#gone;
    for (const stroke of this.#strokes.values()) if (which(stroke)) this.#forget(stroke);
    return this.#gone > before;
  }

  #forget(stroke: Live): void {
    this.#strokes.delete(keyOf(stroke.author, stroke.action));
    this.#values -= stroke.points.length;
    this.#gone += 1;
  }
}

function keyOf(author: bigint, action: bigint): string {
  return `${author}:${action}`;
}
