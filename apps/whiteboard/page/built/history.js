// What this page did, to be undone and done again: its own steps alone, the last first.
/** More is not remembered. */
const STEPS_MAX = 500;
export class History {
    #done = [];
    #undone = [];
    canUndo(counts) {
        return this.#done.findLast(counts) !== undefined;
    }
    canRedo(counts) {
        return this.#undone.findLast(counts) !== undefined;
    }
    /** The last step; what was undone before it cannot be done again. */
    record(step) {
        this.#undone = [];
        if (this.#done.at(-1) === step)
            return;
        this.#done.push(step);
        if (this.#done.length > STEPS_MAX)
            this.#done.shift();
    }
    /** The last step that counts, or that one if it was not undone yet. */
    undo(counts, that = this.#done.findLast(counts)) {
        return moved(this.#done, this.#undone, that);
    }
    redo(counts) {
        return moved(this.#undone, this.#done, this.#undone.findLast(counts));
    }
    /** The object is not on the board: a step that made nothing else is none. */
    forget(item) {
        for (const steps of [this.#done, this.#undone]) {
            for (const { made } of steps) {
                const at = made.indexOf(item);
                if (at >= 0)
                    made.splice(at, 1);
            }
        }
        const real = ({ made, erased }) => made.length + erased.length > 0;
        this.#done = this.#done.filter(real);
        this.#undone = this.#undone.filter(real);
    }
    reset() {
        this.#done = [];
        this.#undone = [];
    }
}
function moved(from, to, step) {
    const at = step ? from.lastIndexOf(step) : -1;
    if (!step || at < 0)
        return undefined;
    from.splice(at, 1);
    to.push(step);
    return step;
}
