// @ts-nocheck
// What is on the board: finished strokes in the order of revisions, own ones that are on their way, and those that
// others are drawing now.
/** A stroke that nobody continues for this long was given up. */
const ABANDONED = 15_000;
/** No live stroke of others grows beyond this, whatever arrives. */
const LIVE_VALUES_MAX = 8192;
export class Board {
    /** The last revision that is here; all before it are here too. */
    revision = 0;
    #strokes = [];
    /** action -> own stroke, from the first point until it comes back in the order of the board. */
    #own = new Map();
    /** `author:action` -> stroke of another, while it is drawn. */
    #live = new Map();
    get strokes() {
        return this.#strokes;
    }
    /** Everything that is drawn above the finished ink. */
    *moving() {
        yield* this.#live.values();
        yield* this.#own.values();
    }
    /** How many strokes of others are being drawn. */
    get live() {
        return this.#live.size;
    }
    /** An own stroke that begins or goes on. */
    hold(stroke) {
        this.#own.set(stroke.action, stroke);
    }
    /** An own stroke that will not come back. */
    drop(action) {
        this.#own.delete(action);
    }
    /** A finished stroke at its place in the order. */
    finish(stroke, mine) {
        this.#strokes.push(stroke);
        if (mine)
            this.#own.delete(stroke.action);
        this.#live.delete(`${stroke.author}:${stroke.action}`);
    }
    /** The next points of a stroke that another is drawing. Pieces that were missed are bridged by a straight line. */
    grow({ author, action, colour, width, points }, now) {
        const key = `${author}:${action}`;
        const stroke = this.#live.get(key) ?? { author, colour, width, points: [] };
        if (stroke.points.length + points.length <= LIVE_VALUES_MAX)
            stroke.points.push(...points);
        stroke.at = now;
        this.#live.set(key, stroke);
    }
    /** Forgets the unfinished strokes of an author who left. */
    left(author) {
        for (const [key, stroke] of this.#live)
            if (stroke.author === author)
                this.#live.delete(key);
    }
    /** Forgets unfinished strokes that nobody continued; whether there were any. */
    tidy(now) {
        const before = this.#live.size;
        for (const [key, stroke] of this.#live)
            if (now - stroke.at > ABANDONED)
                this.#live.delete(key);
        return this.#live.size < before;
    }
    /** Forgets the strokes of others: after a lost connection nobody knows how they went on. */
    disconnected() {
        this.#live.clear();
    }
    /** Another board: nothing of the old one is on it. */
    reset() {
        this.revision = 0;
        this.#strokes = [];
        this.#live.clear();
    }
}
