// Long work in turns, between which the page draws and its person is heard. In a window that nobody looks at, timers are
// slow; turns are not.
export class Turns {
    #channel = new MessageChannel();
    #asked = false;
    /** `work()` does a part of it, and says whether something is left. */
    constructor(work) {
        this.#channel.port1.onmessage = () => {
            this.#asked = false;
            if (work())
                this.next();
        };
    }
    /** There is something to do. */
    next() {
        if (this.#asked)
            return;
        this.#asked = true;
        this.#channel.port2.postMessage(null);
    }
}
