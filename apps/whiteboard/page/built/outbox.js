// Actions that are not known to be on disk yet. Each is kept, and sent again, until the server acknowledges it.
const WINDOW = 64;
const PAUSE_FIRST = 50;
const PAUSE_MAX = 2000;
/** A new action's id: random, so that no other action of this board has it. */
export function newAction() {
    return crypto.getRandomValues(new BigUint64Array(1))[0];
}
export class Outbox {
    #send;
    #changed;
    #connected = false;
    /** By action, in the order of their making. */
    #waiting = new Map();
    /** `send(frame)` puts a frame on the wire; `changed(count)` is told how many are not acknowledged. */
    constructor(send, changed) {
        this.#send = send;
        this.#changed = changed;
    }
    /** Actions may overtake each other when the server is busy; one that is `alone` overtakes none, and none it. */
    add(action, frame, alone = false) {
        this.#waiting.set(action, { frame, alone, sent: false, pause: PAUSE_FIRST, timer: 0 });
        this.#changed(this.#waiting.size);
        this.#pump();
    }
    /** A connection is there: everything that is not acknowledged is sent (again). */
    connected() {
        this.#connected = true;
        for (const entry of this.#waiting.values())
            this.#rest(entry);
        this.#pump();
    }
    disconnected() {
        this.#connected = false;
    }
    /** The action is on disk, or was refused for good. */
    settle(action) {
        const entry = this.#waiting.get(action);
        if (!entry)
            return;
        this.#rest(entry);
        this.#waiting.delete(action);
        this.#changed(this.#waiting.size);
        this.#pump();
    }
    /** The server had no room for the action: it is sent again after a pause. */
    busy(action) {
        const entry = this.#waiting.get(action);
        if (!entry || entry.timer)
            return;
        entry.timer = setTimeout(() => {
            this.#rest(entry);
            this.#pump();
        }, entry.pause * (0.5 + Math.random()));
        entry.pause = Math.min(entry.pause * 2, PAUSE_MAX);
    }
    #rest(entry) {
        clearTimeout(entry.timer);
        entry.timer = 0;
        entry.sent = false;
    }
    /** Sends what may be sent: at most a window of actions is open at a time. */
    #pump() {
        if (!this.#connected)
            return;
        let open = 0;
        for (const entry of this.#waiting.values()) {
            if (open === WINDOW || (entry.alone && open > 0))
                return;
            open += 1;
            if (!entry.sent) {
                entry.sent = true;
                this.#send(entry.frame);
            }
            if (entry.alone)
                return;
        }
    }
}
