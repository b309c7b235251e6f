// Which part of the board the window shows. Pure arithmetic: the window's size is told to it.
import { bound } from './edge.js';
export const SCALE_MIN = 0.05;
export const SCALE_MAX = 8;
/** Pixels that stay free around what is brought into the window: the bars lie there. */
const MARGIN = { x: 24, y: 84 };
export class Camera {
    /** The place of the board in the middle of the window. */
    #x = 0;
    #y = 0;
    #scale = 1;
    #width = 1;
    #height = 1;
    #watchers = [];
    /** `changed()` is told whenever the window shows another part. */
    watch(changed) {
        this.#watchers.push(changed);
    }
    /** Pixels of the window in a board unit. */
    get scale() {
        return this.#scale;
    }
    get width() {
        return this.#width;
    }
    get height() {
        return this.#height;
    }
    /** The part of the board that is in the window. */
    get box() {
        const [left, top] = this.toBoard(0, 0);
        const [right, bottom] = this.toBoard(this.#width, this.#height);
        return { left, top, right, bottom };
    }
    /** How much of the board is beside each other in the part of the window that no bar lies on. */
    get across() {
        return Math.max(1, this.#width - 2 * MARGIN.x) / this.#scale;
    }
    resize(width, height) {
        this.#width = Math.max(1, width);
        this.#height = Math.max(1, height);
        for (const changed of this.#watchers)
            changed();
    }
    toBoard(x, y) {
        return [(x - this.#width / 2) / this.#scale + this.#x, (y - this.#height / 2) / this.#scale + this.#y];
    }
    toWindow(x, y) {
        return [(x - this.#x) * this.#scale + this.#width / 2, (y - this.#y) * this.#scale + this.#height / 2];
    }
    /** Moves what is shown by so many pixels of the window. */
    pan(dx, dy) {
        this.#put(this.#x - dx / this.#scale, this.#y - dy / this.#scale, this.#scale);
    }
    /** Zooms by `factor`; what is at this place of the window stays there. */
    zoom(factor, x = this.#width / 2, y = this.#height / 2) {
        const [fixedX, fixedY] = this.toBoard(x, y);
        const scale = Math.max(SCALE_MIN, Math.min(SCALE_MAX, this.#scale * factor));
        this.#put(fixedX - (x - this.#width / 2) / scale, fixedY - (y - this.#height / 2) / scale, scale);
    }
    /** Shows all of the box, at most at its own size. */
    fit({ left, top, right, bottom }) {
        const across = Math.max(1, this.#width - 2 * MARGIN.x) / Math.max(1, right - left);
        const down = Math.max(1, this.#height - 2 * MARGIN.y) / Math.max(1, bottom - top);
        const scale = Math.max(SCALE_MIN, Math.min(1, across, down));
        this.#put((left + right) / 2, (top + bottom) / 2, scale);
    }
    /** Moves as little as it takes to see the box; of one that is too large, the corner where its text begins. */
    reveal({ left, top, right, bottom }, begins) {
        const [[west, north], [east, south]] = [this.toWindow(left, top), this.toWindow(right, bottom)];
        const moved = (over, room) => Math.max(0, Math.min(over, room));
        const [beyondEast, beyondWest] = [east - (this.#width - MARGIN.x), MARGIN.x - west];
        const dx = begins === 'ltr' ? -moved(beyondEast, -beyondWest) : moved(beyondWest, -beyondEast);
        const dy = -moved(south - (this.#height - MARGIN.y), north - MARGIN.y);
        if (dx !== 0 || dy !== 0)
            this.pan(dx, dy);
    }
    /** The middle of the board, at its own size. */
    home() {
        this.#put(0, 0, 1);
    }
    #put(x, y, scale) {
        this.#x = bound(x);
        this.#y = bound(y);
        this.#scale = scale;
        for (const changed of this.#watchers)
            changed();
    }
}
