// What is on the board: objects in the order of revisions, own ones that are on their way, and the strokes that others
// are drawing now. An object is seen unless it is hidden, or a clear that is not hidden comes after it.
import { around, meet } from './geometry.js';
import { Latest } from './latest.js';
import { layout } from './layout.js';
import { Unfinished } from './unfinished.js';
/** Where clears are drawn. */
const NOWHERE = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
/** Own objects that have no revision yet come after all that have one. */
const PENDING = 2 ** 52;
export class Board {
    /** The last revision that is here; all of this board before it are here too. */
    revision = 0;
    #watchers = [];
    #measure;
    #items = [];
    #byRevision = new Map();
    /** By action, in the order of their making: own objects until they come back in the order of the board. */
    #own = new Map();
    #clears = this.#none();
    /** The place in the order of the last clear that is not hidden. */
    #cleared = 0;
    #made = 0;
    #live = new Unfinished();
    /** `measure(text, size)` is the width of a line of letters so big. */
    constructor(measure) {
        this.#measure = measure;
    }
    watch(watcher) {
        this.#watchers.push(watcher);
    }
    /** All that is seen, in the order in which it lies upon each other. */
    *seen() {
        for (const item of this.#items)
            if (this.isSeen(item))
                yield item;
        for (const item of this.#own.values())
            if (this.isSeen(item))
                yield item;
    }
    /** All objects that have their place, clears and hidden ones too, in the order of revisions. */
    get placed() {
        return this.#items;
    }
    isSeen(item) {
        return item.shape.kind !== 'clear' && this.#holds(item) && place(item) > this.#cleared;
    }
    /** Whether to hide the item, or to show it, would be seen. */
    matters(item, hidden) {
        const above = item.shape.kind === 'clear' || place(item) > this.#cleared;
        return above && this.#holds(item) === hidden;
    }
    /** Strokes of others that are being drawn. */
    get live() {
        return this.#live;
    }
    /** An own object: seen at once, on top of all others. */
    hold(shape) {
        this.#made += 1;
        const item = this.#item(shape, this.#made);
        this.#own.set(shape.action, item);
        this.#entered(item);
        return item;
    }
    /** An own object will not come back. */
    drop(action) {
        const item = this.#own.get(action);
        if (!item)
            return undefined;
        this.#alter(item, () => {
            this.#own.delete(action);
            item.hidden = true;
            item.wish = null;
        });
        return item;
    }
    /** The revision of an own object; `undefined` when the action made no object, or it has come back already. */
    learned(action, revision) {
        const item = this.#own.get(action);
        if (item)
            this.#alter(item, () => { item.revision = revision; });
        return item;
    }
    /** An object at its place in the order; of this page's own actions only if it is `mine`: others may use the same numbers. */
    place(message, mine) {
        if (this.#live.finished(message.author, message.action))
            this.#moving();
        const own = mine ? this.#own.get(message.action) : undefined;
        const item = own ?? this.#item(message, 0);
        const first = own !== undefined && this.#own.values().next().value === own;
        if (own)
            this.#own.delete(message.action);
        item.revision = message.revision;
        item.placed = true;
        this.#items.push(item);
        this.#byRevision.set(item.revision, item);
        if (!own)
            this.#entered(item);
        else if (item.shape.kind === 'clear')
            this.#clear(item);
        else if (!first && this.isSeen(item))
            this.#changed(item.box);
        return item;
    }
    /** A hide or a show at its place in the order; it is an own one only if it is `mine`. */
    flag({ kind, action, revisions }, mine) {
        for (const revision of revisions) {
            const item = this.#byRevision.get(revision);
            if (!item)
                continue;
            this.#alter(item, () => {
                item.hidden = kind === 'hide';
                if (mine && item.wish?.action === action)
                    item.wish = null;
            });
        }
    }
    /** What the own hide or show `action` will do is to be seen at once; 0 if it is not made yet. */
    wish(items, hidden, action) {
        for (const item of items)
            this.#alter(item, () => { item.wish = { hidden, action }; });
    }
    /** The own hide or show `action` will not come back. */
    unwish(action) {
        for (const items of [this.#items, this.#own.values()]) {
            for (const item of items)
                if (item.wish?.action === action)
                    this.#alter(item, () => { item.wish = null; });
        }
    }
    erasing(items, erasing) {
        for (const item of items)
            this.#alter(item, () => { item.erasing = erasing; });
    }
    /** The next points of a stroke that another is drawing. Pieces that were missed are bridged by a straight line. */
    grow(message, now) {
        this.#live.grow(message, now);
        this.#moving();
    }
    /** Forgets the unfinished strokes of an author who left. */
    left(author) {
        if (this.#live.left(author))
            this.#moving();
    }
    /** Forgets unfinished strokes that nobody continued. */
    tidy(now) {
        if (this.#live.tidy(now))
            this.#moving();
    }
    /** Forgets the strokes of others: after a lost connection nobody knows how they went on. */
    disconnected() {
        this.#live.clear();
        this.#moving();
    }
    /** Another board: nothing of the old one is on it, but own objects that were on their way go there. */
    reset() {
        this.revision = 0;
        this.#items = [];
        this.#byRevision.clear();
        for (const [action, item] of this.#own)
            if (item.revision > 0)
                this.#own.delete(action);
        this.#clears = this.#none();
        this.#cleared = 0;
        for (const item of this.#own.values())
            if (item.shape.kind === 'clear')
                this.#clear(item);
        this.#live.clear();
        this.#changed(null);
        this.#moving();
    }
    #item(shape, made) {
        const box = this.#box(shape);
        return { shape, box, revision: 0, placed: false, hidden: false, wish: null, erasing: false, made };
    }
    #box(shape) {
        switch (shape.kind) {
            case 'stroke':
                return around(shape.points, shape.width);
            case 'note': {
                const { x, y, size, text } = shape;
                const { width, height } = layout(text, size, this.#measure);
                return { left: x, top: y, right: x + width, bottom: y + height };
            }
            case 'image':
                return { left: shape.x, top: shape.y, right: shape.x + shape.width, bottom: shape.y + shape.height };
            case 'clear':
                return NOWHERE;
        }
    }
    /** A new item: drawn on top, unless own ones that are on their way lie above it. */
    #entered(item) {
        if (item.shape.kind === 'clear')
            this.#clear(item);
        else if (this.isSeen(item)) {
            if (item.placed && this.#isBelow(item))
                this.#changed(item.box);
            else
                this.#added(item);
        }
    }
    #isBelow(item) {
        for (const own of this.#own.values())
            if (this.isSeen(own) && meet(own.box, item.box))
                return true;
        return false;
    }
    #alter(item, change) {
        const before = this.isSeen(item);
        change();
        if (item.shape.kind === 'clear')
            this.#clear(item);
        else if (this.isSeen(item) !== before)
            this.#changed(item.box);
    }
    /** A clear came, went, or got its place. Only if it is another one that counts now, anything else is seen. */
    #clear(item) {
        if (this.#holds(item))
            this.#clears.add(item, place(item));
        const before = this.#cleared;
        this.#cleared = this.#clears.place;
        this.#changed(this.#cleared === before ? item.box : null);
    }
    #none() {
        return new Latest((item, at) => this.#holds(item) && place(item) === at);
    }
    #added(item) {
        for (const watcher of this.#watchers)
            watcher.added(item);
    }
    #changed(box) {
        for (const watcher of this.#watchers)
            watcher.changed(box);
    }
    #moving() {
        for (const watcher of this.#watchers)
            watcher.moving();
    }
    #holds(item) {
        return !item.erasing && !(item.wish ? item.wish.hidden : item.hidden);
    }
}
function place({ revision, made }) {
    return revision > 0 ? revision : PENDING + made;
}
