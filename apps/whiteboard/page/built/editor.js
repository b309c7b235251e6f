// What a person does to the board: seen at once, sent, remembered so that it can be undone.
import { History } from './history.js';
import * as protocol from './protocol.js';
export class Editor {
    #board;
    #sender;
    #newAction;
    #watchers = [];
    #history = new History();
    /** Own hides and shows that are on their way. */
    #flags = new Set();
    constructor(board, sender, newAction) {
        this.#board = board;
        this.#sender = sender;
        this.#newAction = newAction;
    }
    /** `changed()` is told when there may be more or less to undo. */
    watch(changed) {
        this.#watchers.push(changed);
    }
    get canUndo() {
        return this.#history.canUndo;
    }
    get canRedo() {
        return this.#history.canRedo;
    }
    /** A step to come: it counts from the first object that is made or erased in it. */
    step(what) {
        return { what, made: [], erased: [] };
    }
    make(shape, step) {
        const item = this.#board.hold(shape);
        step.made.push(item);
        this.#history.record(step);
        this.#sender.add(shape.action, frameOf(shape), shape.kind === 'clear');
        this.#changed();
    }
    erase(items, step) {
        if (items.length === 0)
            return;
        step.erased.push(...items);
        this.#history.record(step);
        this.#set(items, true);
        this.#changed();
    }
    /** Takes everything off the board; gives the step. */
    clear() {
        const step = this.step('the clearing');
        this.make({ kind: 'clear', action: this.#newAction() }, step);
        return step;
    }
    /** Undoes the last step, or that one, whatever came after it. What was undone, in words. */
    undo(that) {
        const step = this.#history.undo(that);
        if (!step)
            return undefined;
        this.#set(step.made, true);
        this.#set(step.erased, false);
        this.#changed();
        return step.what;
    }
    /** What was done again, in words. */
    redo() {
        const step = this.#history.redo();
        if (!step)
            return undefined;
        this.#set(step.erased, true);
        this.#set(step.made, false);
        this.#changed();
        return step.what;
    }
    /** The server has the action, as this revision. */
    acked(action, revision) {
        this.#flags.delete(action);
        const item = this.#board.learned(action, revision);
        this.#sender.settle(action);
        if (item)
            this.#settled(item);
    }
    /** The server will never take the action. */
    refused(action) {
        this.#sender.settle(action);
        if (this.#flags.delete(action))
            this.#board.unwish(action);
        const item = this.#board.drop(action);
        if (item)
            this.#history.forget(item);
        this.#changed();
    }
    /** An object at its place in the order. */
    placed(message) {
        this.#settled(this.#board.place(message));
    }
    /** Another board: revisions mean other objects there. */
    reset() {
        for (const action of this.#flags)
            this.#sender.settle(action);
        this.#flags.clear();
        this.#history.reset();
        this.#board.reset();
        this.#changed();
    }
    #changed() {
        for (const changed of this.#watchers)
            changed();
    }
    /** Hides or shows: what has a revision by an action, what has none yet on this page alone, until it has. */
    #set(items, hidden) {
        this.#board.wish(items.filter(({ revision }) => revision === 0), hidden, 0n);
        const known = items.filter(({ revision }) => revision > 0);
        for (let at = 0; at < known.length; at += protocol.REVISIONS_MAX) {
            const part = known.slice(at, at + protocol.REVISIONS_MAX);
            const action = this.#newAction();
            const fields = { action, revisions: part.map(({ revision }) => revision) };
            this.#flags.add(action);
            this.#board.wish(part, hidden, action);
            this.#sender.add(action, hidden ? protocol.hide(fields) : protocol.show(fields), true);
        }
    }
    /** The object has its revision now: what was wished before is sent. */
    #settled(item) {
        if (item.wish?.action !== 0n)
            return;
        if (item.wish.hidden)
            this.#set([item], true);
        else
            item.wish = null;
    }
}
function frameOf(shape) {
    switch (shape.kind) {
        case 'stroke':
            return protocol.stroke(shape);
        case 'note':
            return protocol.note(shape);
        case 'image':
            return protocol.image(shape);
        case 'clear':
            return protocol.clear(shape);
    }
}
