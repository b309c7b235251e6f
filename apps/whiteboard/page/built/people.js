// @ts-nocheck
// Who else is here, and where they point.
import { css } from './ink.js';
/** Longer than the slowest timer of a page in the background. */
const GONE = 90_000;
/** A cursor that rests this long fades. */
const RESTING = 8_000;
const SVG = 'http://www.w3.org/2000/svg';
export class People {
    #layer;
    #toWindow;
    /** author -> { seen, moved, x, y, mark } */
    #others = new Map();
    /** Cursors are put into `layer`, at `toWindow(x, y)`. */
    constructor(layer, toWindow) {
        this.#layer = layer;
        this.#toWindow = toWindow;
        addEventListener('resize', () => this.#others.forEach((other) => this.#put(other)));
    }
    /** Everyone, this page included. */
    get count() {
        return this.#others.size + 1;
    }
    seen(author, now) {
        const other = this.#others.get(author) ?? { mark: null };
        other.seen = now;
        this.#others.set(author, other);
        return other;
    }
    moved({ author, colour, x, y }, now) {
        const other = this.seen(author, now);
        if (!other.mark) {
            other.mark = arrow(colour);
            this.#layer.append(other.mark);
        }
        Object.assign(other, { x, y, moved: now });
        other.mark.classList.remove('resting');
        this.#put(other);
    }
    left(author) {
        this.#others.get(author)?.mark?.remove();
        this.#others.delete(author);
    }
    everyoneLeft() {
        for (const author of [...this.#others.keys()])
            this.left(author);
    }
    /** Fades cursors that rest and forgets those who are silent. */
    tidy(now) {
        for (const [author, { seen, moved, mark }] of this.#others) {
            if (now - seen > GONE)
                this.left(author);
            else if (now - moved > RESTING)
                mark?.classList.add('resting');
        }
    }
    #put({ mark, x, y }) {
        if (!mark)
            return;
        const [left, top] = this.#toWindow(x, y);
        mark.style.transform = `translate(${left}px, ${top}px)`;
    }
}
function arrow(colour) {
    const mark = document.createElementNS(SVG, 'svg');
    mark.setAttribute('viewBox', '0 0 20 20');
    mark.classList.add('cursor');
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', 'M2 2 L8 18 L10.5 10.5 L18 8 Z');
    path.setAttribute('fill', css(colour));
    mark.append(path);
    return mark;
}
