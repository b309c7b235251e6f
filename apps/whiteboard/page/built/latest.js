// The highest place of what counts, of many things that come, go and come again: without a look at all of them.
/** A heap, the highest on top. What does not count any more stays in it until it is on top. */
export class Latest {
    #counts;
    #heap = [];
    /** Where each thing is in the heap, so that none is in it twice at one place. */
    #places = new Map();
    /** `counts(of, place)` says whether a thing is still at this place, and counts. */
    constructor(counts) {
        this.#counts = counts;
    }
    /** The thing counts, at this place; it may be here already. */
    add(of, place) {
        const places = this.#places.get(of) ?? new Set();
        if (places.has(place))
            return;
        this.#places.set(of, places.add(place));
        const heap = this.#heap;
        let at = heap.push({ place, of }) - 1;
        while (at > 0) {
            const above = (at - 1) >> 1;
            if (heap[above].place >= heap[at].place)
                break;
            this.#swap(above, at);
            at = above;
        }
    }
    /** The highest place of what counts; 0 if nothing does. */
    get place() {
        for (let top = this.#heap[0]; top; top = this.#heap[0]) {
            if (this.#counts(top.of, top.place))
                return top.place;
            this.#drop(top);
        }
        return 0;
    }
    #drop(top) {
        const places = this.#places.get(top.of);
        places.delete(top.place);
        if (places.size === 0)
            this.#places.delete(top.of);
        const heap = this.#heap;
        this.#swap(0, heap.length - 1);
        heap.pop();
        let at = 0;
        for (;;) {
            const [left, right] = [2 * at + 1, 2 * at + 2];
            let highest = at;
            if (left < heap.length && heap[left].place > heap[highest].place)
                highest = left;
            if (right < heap.length && heap[right].place > heap[highest].place)
                highest = right;
            if (highest === at)
                return;
            this.#swap(at, highest);
            at = highest;
        }
    }
    #swap(one, other) {
        [this.#heap[one], this.#heap[other]] = [this.#heap[other], this.#heap[one]];
    }
}
