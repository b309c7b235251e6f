// What the server says comes in here, and moments go out.
import { Connection } from './connection.js';
import { bound } from './edge.js';
import * as protocol from './protocol.js';
import { Turns } from './turns.js';
/** How often moments go out while they change, unless the server wants them less often. */
const MOMENT = 33;
const HERE = 5000;
/** What was said is taken for so many milliseconds at a time: in between the page draws, and its person is heard. */
const SLICE = 12;
/** So often the board is loaded anew when something of it failed; what fails then is left out. */
const LOADED_ANEW_MAX = 3;
export class Session {
    #parts;
    #connection;
    /** For the server to know this page again, so that what is sent twice is taken once. */
    #client = crypto.getRandomValues(new Uint8Array(16));
    /** Once known. */
    #store = null;
    #arrived = false;
    /** The author numbers this page has had; each connection gives it a new one. */
    #mine = new Set();
    /** The last of them. */
    #author = 0n;
    /** Where this page points, while others do not know it. */
    #pointing = null;
    #interval = MOMENT;
    /** How often something that the server said could not be taken. */
    #failures = 0;
    /** Messages that were not taken yet, and of the first of them the frames that are left. */
    #said = new Set();
    #frames = null;
    #turns = new Turns(() => this.#take());
    /** `name` is that of the board. */
    constructor(name, parts) {
        this.#parts = parts;
        this.#connection = new Connection({
            opened: () => this.#connection.send(protocol.hello(this.#client, parts.board.revision, name)),
            received: (message) => {
                this.#said.add(message);
                this.#turns.next();
            },
            lost: (reason) => this.#lost(reason),
        });
        setInterval(() => this.#tidy(), HERE);
        this.#moments();
    }
    open() {
        this.#connection.open();
    }
    /** Sends now or not at all. */
    send(frame) {
        this.#connection.send(frame);
    }
    point(x, y) {
        this.#pointing = { x: bound(x), y: bound(y) };
    }
    /** Tells everyone who this is. */
    here() {
        this.#connection.send(protocol.here(this.#parts.me));
    }
    #moments() {
        for (const frame of this.#parts.segments())
            this.#connection.send(frame);
        if (this.#pointing)
            this.#connection.send(protocol.cursor(this.#pointing));
        this.#pointing = null;
        setTimeout(() => this.#moments(), this.#interval);
    }
    #tidy() {
        this.here();
        const now = performance.now();
        this.#parts.board.tidy(now);
        this.#parts.people.tidy(now);
    }
    #lost(reason) {
        const { outbox, board, people, status } = this.#parts;
        // What was not taken comes again.
        this.#said.clear();
        this.#frames = null;
        outbox.disconnected();
        board.disconnected();
        people.everyoneLeft();
        status.state = 'reconnecting';
        status.trouble = '';
        if (reason)
            status.remark(`Connection closed: ${reason}`);
        this.#parts.lost();
    }
    /** Takes what was said, in its order, for a while; whether something is left. */
    #take() {
        const isLeft = this.#takeSome();
        this.#parts.status.revision = this.#parts.board.revision;
        return isLeft;
    }
    #takeSome() {
        const end = performance.now() + SLICE;
        while (performance.now() < end) {
            const frame = this.#frames?.next();
            if (frame && !frame.done) {
                this.#tried(() => this.#received(frame.value));
                continue;
            }
            const [message] = this.#said;
            if (!message)
                return false;
            this.#said.delete(message);
            this.#frames = this.#tried(() => protocol.frames(message))?.values() ?? null;
        }
        return true;
    }
    /**
     * Does this with what the server said. If that fails, the board is not what it should be: it is loaded anew, and told so.
     * What fails however often it is loaded cannot be shown here, and the rest is.
     */
    #tried(work) {
        try {
            return work();
        }
        catch (error) {
            console.error('What the server said could not be taken:', error);
            const { status } = this.#parts;
            if (this.#failures < LOADED_ANEW_MAX) {
                status.remark('Something of this board could not be read. It is loaded anew.');
                this.#anew();
            }
            else if (this.#failures === LOADED_ANEW_MAX) {
                status.remark('Some of this board cannot be shown here.', { label: 'Reload', run: () => location.reload() });
            }
            this.#failures += 1;
            return undefined;
        }
    }
    #received(frame) {
        const message = protocol.decode(frame);
        if (!message)
            return;
        const { board, editor, outbox, chat, people, status } = this.#parts;
        const now = performance.now();
        switch (message.kind) {
            case 'stroke':
            case 'note':
            case 'image':
            case 'clear':
            case 'hide':
            case 'show':
            case 'chat':
                this.#ordered(message);
                break;
            case 'cursor':
                if (!this.#mine.has(message.author))
                    people.cursor(message, now);
                break;
            case 'here':
                if (!this.#mine.has(message.author)) {
                    people.here(message, now);
                    // Of two with one colour, who came later takes another.
                    if (message.author < this.#author)
                        this.#parts.me.giveWay(message.colour, people.colours);
                }
                break;
            case 'segment':
                if (!this.#mine.has(message.author))
                    board.grow(message, now);
                break;
            case 'left':
                board.left(message.author);
                people.left(message.author);
                break;
            case 'welcome':
                this.#welcome(message);
                break;
            case 'live':
                this.#connection.settled();
                status.state = 'live';
                if (!this.#arrived)
                    this.#parts.arrived();
                this.#arrived = true;
                break;
            case 'ack':
                editor.acked(message.action, message.revision);
                break;
            case 'busy':
                outbox.busy(message.action);
                break;
            case 'refused':
                editor.refused(message.action);
                chat.drop(message.action);
                status.remark(`Not taken: ${message.reason}`);
                break;
            case 'trouble':
                status.trouble = message.reason;
                break;
            case 'missed':
                status.state = 'catching-up';
                status.missed(message.actions);
                break;
            case 'pace':
                this.#interval = Math.max(MOMENT, message.interval);
                status.pace = message.interval;
                break;
            case 'alive':
                // To have heard it is all that it says.
                break;
        }
    }
    /** An action at its place in the order; one that is here already is not taken again. */
    #ordered(message) {
        const { board, editor, chat, status } = this.#parts;
        if (message.revision <= board.revision)
            return;
        board.revision = message.revision;
        const mine = this.#mine.has(message.author);
        status.came(mine);
        if (message.kind === 'chat')
            chat.show(message, mine);
        else if (isFlag(message))
            board.flag(message, mine);
        else
            editor.placed(message, mine);
    }
    #welcome({ version, store, revision, author }) {
        const { board, chat, outbox, status } = this.#parts;
        if (version !== protocol.VERSION) {
            status.remark('The server is another version.', { label: 'Reload', run: () => location.reload() });
            return;
        }
        const other = (this.#store !== null && this.#store !== store) || revision < board.revision;
        this.#store = store;
        if (other) {
            this.#anew();
            return;
        }
        this.#mine.add(author);
        this.#author = author;
        chat.joined(store);
        status.state = 'catching-up';
        this.here();
        outbox.connected();
    }
    /** Nothing that is here counts any more: the board comes again, from its beginning. */
    #anew() {
        const { editor, chat } = this.#parts;
        editor.reset();
        chat.reset();
        this.#parts.reset();
        this.#connection.restart();
    }
}
function isFlag(message) {
    return message.kind === 'hide' || message.kind === 'show';
}
