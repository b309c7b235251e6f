// @ts-nocheck
// Two canvases: finished ink, drawn once in the order of the board, and above it what is still moving.

/** Every window shows at least this square around the middle of the board, in board units. */
const SQUARE = 1000;

export class Ink {
  #still;
  #moving;
  #scale = 1;
  #left = 0;
  #top = 0;
  #drawMoving;
  #scheduled = false;

  /** `redraw(ink)` draws all finished strokes again, `drawMoving(ink)` the moving ones. */
  constructor(still, moving, redraw, drawMoving) {
    this.#still = still.getContext('2d');
    this.#moving = moving.getContext('2d');
    this.#drawMoving = drawMoving;
    const fit = () => {
      const { innerWidth: width, innerHeight: height, devicePixelRatio: ratio } = window;
      for (const { canvas } of [this.#still, this.#moving]) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
      }
      this.#scale = Math.min(width, height) / SQUARE;
      this.#left = width / 2;
      this.#top = height / 2;
      for (const context of [this.#still, this.#moving]) {
        const scale = this.#scale * ratio;
        context.setTransform(scale, 0, 0, scale, this.#left * ratio, this.#top * ratio);
        context.lineCap = 'round';
        context.lineJoin = 'round';
      }
      redraw();
      this.moved();
    };
    addEventListener('resize', fit);
    fit();
  }

  /** Pixels of the window in a board unit. */
  get scale() {
    return this.#scale;
  }

  /** From a place in the window to a place on the board. */
  toBoard(x, y) {
    return [(x - this.#left) / this.#scale, (y - this.#top) / this.#scale];
  }

  /** From a place on the board to a place in the window. */
  toWindow(x, y) {
    return [x * this.#scale + this.#left, y * this.#scale + this.#top];
  }

  /** Draws a finished stroke. */
  finish(stroke) {
    draw(this.#still, stroke);
  }

  clear() {
    wipe(this.#still);
  }

  /** Something moving changed: all of it is drawn again with the next frame of the screen. */
  moved() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      wipe(this.#moving);
      for (const stroke of this.#drawMoving()) draw(this.#moving, stroke);
    });
  }
}

/** 0x1f5fbf -> '#1f5fbf' */
export function css(colour) {
  return `#${colour.toString(16).padStart(6, '0')}`;
}

function wipe(context) {
  context.save();
  context.resetTransform();
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.restore();
}

/** A smooth line through the middles between the points; a single point is a dot. */
function draw(context, { colour, width, points }) {
  const last = points.length - 2;
  context.beginPath();
  if (last === 0) {
    context.fillStyle = css(colour);
    context.arc(points[0], points[1], width / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.strokeStyle = css(colour);
  context.lineWidth = width;
  context.moveTo(points[0], points[1]);
  for (let i = 2; i < last; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    context.quadraticCurveTo(x, y, (x + points[i + 2]) / 2, (y + points[i + 3]) / 2);
  }
  context.lineTo(points[last], points[last + 1]);
  context.stroke();
}
