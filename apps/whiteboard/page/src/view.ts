// Three canvases over the paper: what is finished, drawn again only where it changed, above it what others are drawing, and
// what this page moves.

import type { Board, Item } from './board.js';
import type { Camera } from './camera.js';
import { FRAME_MAX, effort } from './effort.js';
import { type Box, grown, meet, union } from './geometry.js';
import { Overlay } from './overlay.js';
import { type Line, type Look, draw, drawLine } from './paint.js';

/** The dots of the paper are so far apart, in board units, and in pixels at least so far. */
const DOTS = 32;
const DOTS_MIN = 20;

/** When a whole drawing takes longer than this, in milliseconds, it is not made for every step of a movement. */
const SLOW = 40;
/** A movement is over when nothing moved for so long. */
const SETTLED = 120;

/** What a note or a picture takes of a frame, about: see effort.ts. */
const OTHER = 100_000;

/** Where the board lies on a canvas, in its pixels. */
interface Placing {
  scale: number;
  left: number;
  top: number;
}

/** What lies above the finished ink. */
export interface Moving {
  lines: Iterable<Line>;
  /** Where the eraser is: a place in the window, and how far it reaches. */
  ring: { x: number; y: number; radius: number } | null;
}

export class View {
  #still: CanvasRenderingContext2D;
  #others: CanvasRenderingContext2D;
  #moving: CanvasRenderingContext2D;
  #overlay: Overlay;
  #camera: Camera;
  #board: Board;
  #look: Look;
  #what: () => Moving;
  #ratio = 1;
  /** What must be drawn again: a part of the board, or everything. */
  #damage: Box | 'all' | null = 'all';
  /** What came on top since the last frame of the screen. */
  #added: Item[] = [];
  #scheduled = false;
  /** Until the next frame of the screen, the last time that everything was drawn. */
  #took = 0;
  #drawn: Placing = { scale: 1, left: 0, top: 0 };
  /** What was seen when a movement began: it stands for the board until that is over. */
  #sketch: { image: HTMLCanvasElement; placing: Placing } | null = null;
  #settling = 0;
  #pannedAt = -Infinity;

  constructor(
    [still, others, moving]: readonly [HTMLCanvasElement, HTMLCanvasElement, HTMLCanvasElement], camera: Camera, board: Board,
    look: Look, what: () => Moving,
  ) {
    this.#still = still.getContext('2d')!;
    this.#others = others.getContext('2d')!;
    this.#moving = moving.getContext('2d')!;
    this.#overlay = new Overlay(this.#others, board, look);
    this.#camera = camera;
    this.#board = board;
    this.#look = look;
    this.#what = what;
    board.watch({
      added: (item) => this.#on(item),
      changed: (box) => this.changed(box),
      moving: () => this.moved(),
    });
    camera.watch(() => this.#panned());
    const fit = () => this.#fit();
    addEventListener('resize', fit);
    fit();
  }

  /** This box of the board is drawn again; `null`: everything. */
  changed(box: Box | null): void {
    if (this.#damage !== 'all') this.#damage = box ? union(this.#damage, box) : 'all';
    if (!box) this.#overlay.renew();
    this.#schedule();
  }

  /** Something moving changed. */
  moved(): void {
    this.#schedule();
  }

  /** The item lies on top of everything that is drawn. */
  #on(item: Item): void {
    this.#added.push(item);
    this.#schedule();
  }

  #panned(): void {
    this.#paper();
    const now = performance.now();
    const goesOn = now - this.#pannedAt < SETTLED;
    this.#pannedAt = now;
    // A single step, such as to a fitting size, is drawn as it is.
    if (goesOn && this.#took > SLOW) {
      this.#sketch ??= { image: copy(this.#still.canvas), placing: this.#drawn };
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => {
        this.#sketch = null;
        this.changed(null);
      }, SETTLED);
    }
    this.changed(null);
  }

  #fit(): void {
    const { innerWidth: width, innerHeight: height, devicePixelRatio: ratio } = window;
    this.#ratio = ratio;
    this.#sketch = null;
    this.#took = 0;
    for (const { canvas } of [this.#still, this.#others, this.#moving]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.#camera.resize(width, height);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#drawStill();
      this.#drawOthers();
      this.#drawMoving();
    });
  }

  #drawStill(): void {
    const context = this.#still;
    const [damage, added] = [this.#damage, this.#added];
    this.#damage = null;
    this.#added = [];
    if (damage === 'all') {
      wipe(context);
      if (this.#sketch) this.#drawSketch(this.#sketch);
      else this.#drawAll();
      return;
    }
    this.#onBoard(context);
    const left = this.#drawAdded(added);
    // All that lies above them is left too, so that it is drawn in its order.
    this.#added = left;
    if (left.length > 0) this.#schedule();
    if (damage && meet(damage, this.#camera.box)) this.#repair(damage);
  }

  /** Draws what came on top, as much as a frame has time for; what is left. */
  #drawAdded(added: Item[]): Item[] {
    const part = { scale: this.#placing().scale, box: this.#camera.box };
    let [at, time] = [0, FRAME_MAX];
    for (; at < added.length && time > 0; at += 1) {
      const item = added[at]!;
      if (!this.#board.isSeen(item) || !meet(item.box, part.box)) continue;
      draw(this.#still, item, this.#look);
      time -= item.shape.kind === 'stroke' ? effort(item.shape, part) : OTHER;
    }
    return added.slice(at);
  }

  #drawAll(): void {
    const begun = performance.now();
    this.#drawn = this.#placing();
    this.#paint(this.#camera.box);
    // What was only noted down here has come to the screen by then.
    requestAnimationFrame(() => { this.#took = performance.now() - begun; });
  }

  #drawSketch({ image, placing: from }: { image: HTMLCanvasElement; placing: Placing }): void {
    const to = this.#placing();
    const scale = to.scale / from.scale;
    this.#still.setTransform(scale, 0, 0, scale, to.left - from.left * scale, to.top - from.top * scale);
    this.#still.drawImage(image, 0, 0);
  }

  /** Draws a part again, in whole pixels: what lies at its edge is drawn in it as it is outside. */
  #repair(box: Box): void {
    const context = this.#still;
    const ratio = this.#ratio;
    const [left, top] = this.#camera.toWindow(box.left, box.top).map((at) => Math.floor(at * ratio) - 2);
    const [right, bottom] = this.#camera.toWindow(box.right, box.bottom).map((at) => Math.ceil(at * ratio) + 2);
    context.save();
    context.resetTransform();
    context.beginPath();
    context.rect(left!, top!, right! - left!, bottom! - top!);
    context.clip();
    context.clearRect(left!, top!, right! - left!, bottom! - top!);
    this.#paint(grown(box, 4 / (this.#camera.scale * ratio)));
    context.restore();
  }

  /** Everything that is seen in the box. */
  #paint(box: Box): void {
    this.#onBoard(this.#still);
    for (const item of this.#board.seen()) if (meet(item.box, box)) draw(this.#still, item, this.#look);
  }

  #drawOthers(): void {
    const [context, { box }, scale] = [this.#others, this.#camera, this.#placing().scale];
    this.#onBoard(context);
    const all = this.#overlay.draw({ scale, box }, () => {
      wipe(context);
      this.#onBoard(context);
    });
    if (!all) this.#schedule();
  }

  #drawMoving(): void {
    const context = this.#moving;
    wipe(context);
    this.#onBoard(context);
    const { lines, ring } = this.#what();
    for (const line of lines) drawLine(context, line, this.#look);
    if (!ring) return;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.beginPath();
    context.arc(ring.x, ring.y, ring.radius, 0, 2 * Math.PI);
    context.strokeStyle = this.#look.edge;
    context.lineWidth = 1.5;
    context.stroke();
  }

  #onBoard(context: CanvasRenderingContext2D): void {
    const { scale, left, top } = this.#placing();
    context.setTransform(scale, 0, 0, scale, left, top);
  }

  #placing(): Placing {
    const [left, top] = this.#camera.toWindow(0, 0);
    return { scale: this.#camera.scale * this.#ratio, left: left * this.#ratio, top: top * this.#ratio };
  }

  /** The dots of the paper go with the board. */
  #paper(): void {
    let step = DOTS * this.#camera.scale;
    while (step < DOTS_MIN) step *= 2;
    while (step > 4 * DOTS_MIN) step /= 2;
    const [left, top] = this.#camera.toWindow(0, 0);
    const { style } = document.documentElement;
    style.setProperty('--dots', `${step}px`);
    style.setProperty('--dots-left', `${left % step}px`);
    style.setProperty('--dots-top', `${top % step}px`);
  }
}

function wipe(context: CanvasRenderingContext2D): void {
  context.resetTransform();
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
}

function copy(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const made = document.createElement('canvas');
  [made.width, made.height] = [canvas.width, canvas.height];
  made.getContext('2d')!.drawImage(canvas, 0, 0);
  return made;
}
