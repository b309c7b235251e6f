// The rings made visible: how the pools under the board are, asked of the server while the panel is open.
import { Graph, inOrder } from './graph.js';
import { ask, count, overall, size } from './health.js';
import { fill, make, say, set } from './make.js';
import { Panel } from './panel.js';
import { PoolCard } from './pool.js';
import { end } from './top.js';
/** How often the server is asked. */
const PAUSE = 1000;
/** The interval of moments, in milliseconds, at which nobody is slowed down. */
const NORMAL = 33;
const SIGN = 'M10 3 a7 7 0 1 0 0.01 0 M10 7 a3 3 0 1 0 0.01 0 M10 3 v4';
const WORDS = {
    excellent: ['Excellent', 'Every ring has room; nobody waits.'],
    good: ['Good', 'A ring is more than half full; still nobody waits.'],
    warning: ['Warning', 'A ring is nearly full.'],
    critical: ['Critical', 'A ring is as good as full: what finds no room is sent again.'],
    full: ['Full', 'The store is full: nothing more is saved until something is cleared.'],
    'no-room': ['No room', 'The server\'s disk is full: nothing is saved until it has room.'],
    failed: ['Failed', 'The store has failed: nothing is saved until a restart.'],
};
const HOW_TO_READ = 'Each ring is a pool of slots of one size. The wedge on its rim is where the next event is '
    + 'written, and each dot inside is a stage that reads after it. The arc behind the wedge is what the slowest stage '
    + 'has still to do: were it to close the circle, the ring would be full, and who writes would have to wait. The line '
    + 'is the events of each second, the area behind it the highest pressure.';
export class Rings {
    #panel;
    #word = make('b', {});
    #meaning = make('span', {});
    #overall = make('div', { class: 'overall' }, make('i', { class: 'lamp', 'aria-hidden': 'true' }), make('p', {}, this.#word, ' ', this.#meaning));
    #trouble = make('p', { class: 'trouble', role: 'status', hidden: true });
    #facts = make('dl', { id: 'facts' });
    #graph = new Graph();
    #pools = make('div', { class: 'pools' });
    #dot = make('pre', { id: 'dot', tabindex: 0, 'aria-label': 'The stages in the language of Graphviz' });
    #body;
    #cards = new Map();
    #tiles = new Map();
    /** What the cards were made for. */
    #shape = '';
    #timer = 0;
    constructor() {
        this.#panel = new Panel('rings', 'Rings', SIGN, () => this.#opened(), () => clearTimeout(this.#timer));
        this.#body = make('div', { class: 'body', 'data-state': 'asking', tabindex: 0, role: 'group', 'aria-label': 'How the rings are' }, this.#trouble, make('p', { class: 'asking quiet' }, 'Asking the server\u2026'), make('div', { class: 'answer' }, this.#overall, this.#facts, make('h3', {}, 'Pools and stages'), this.#pools, make('details', {}, make('summary', {}, 'How to read this'), make('p', {}, HOW_TO_READ)), make('details', { class: 'graphviz' }, make('summary', {}, 'For Graphviz'), this.#dot)));
        this.#panel.section.append(this.#body);
        end('company').append(this.#panel.button);
        document.addEventListener('visibilitychange', () => {
            if (!document.hidden && this.#panel.open)
                this.#ask();
        });
    }
    toggle() {
        this.#panel.toggle();
    }
    #opened() {
        this.#ask();
        this.#panel.begin();
    }
    async #ask() {
        clearTimeout(this.#timer);
        const begun = performance.now();
        try {
            this.#show(await ask());
            this.#state('told', '');
        }
        catch (error) {
            this.#state('silent', error instanceof Error ? error.message : String(error));
        }
        clearTimeout(this.#timer);
        if (!this.#panel.open || document.hidden)
            return;
        this.#timer = setTimeout(() => this.#ask(), Math.max(0, PAUSE - (performance.now() - begun)));
    }
    #state(state, trouble) {
        const { dataset } = this.#body;
        // What was told before is left to be read, and paler.
        dataset.state = state === 'silent' && this.#shape === '' ? 'nothing' : state;
        say(this.#trouble, trouble);
        this.#trouble.hidden = trouble === '';
    }
    #show(health) {
        const { pools } = health;
        const stages = inOrder(health.stages);
        const names = stages.map(({ name }) => name);
        const shape = JSON.stringify([names, pools.map(({ id, capacity }) => [id, capacity])]);
        if (shape !== this.#shape)
            this.#build(health, names);
        this.#shape = shape;
        const status = overall(health);
        const [word, meaning] = WORDS[status] ?? [status, ''];
        say(this.#word, word);
        say(this.#meaning, meaning);
        this.#overall.dataset.level = status;
        const rate = pools.reduce((sum, pool) => sum + pool.rate, 0);
        this.#tell(health, rate);
        this.#graph.show(stages, new Map(pools.map(({ id, capacity }) => [id, capacity])), rate);
        for (const pool of pools)
            this.#cards.get(pool.id)?.show(pool);
        say(this.#dot, health.dot);
    }
    #build({ pools }, names) {
        this.#cards = new Map(pools.map((pool) => [pool.id, new PoolCard(pool, names)]));
        const flow = make('article', { class: 'flow' }, make('h4', {}, 'Each event goes through'), this.#graph.element);
        fill(this.#pools, [...[...this.#cards.values()].map(({ element }) => element), flow]);
    }
    #tell(health, rate) {
        const { store, missed, dropped, bad, clients, pace } = health;
        this.#tile('Connected', count(clients), 'Pages and programs that are connected');
        this.#tile('Events/s', count(rate));
        if (pace !== undefined)
            this.#tile('Pace', `${pace} ms`, slowed(pace), pace > NORMAL);
        this.#tile('Revision', count(store.revision), 'The last that is on disk');
        const { bytes, full = false, damaged = 0 } = store;
        if (bytes !== undefined)
            this.#tile('Store', full ? 'Full' : size(bytes), stored(store), full);
        const late = missed.actions + missed.moments;
        this.#tile('Missed', count(late), missing(missed), late > 0);
        this.#tile('Dropped', count(dropped), 'Moments that went to nobody', dropped > 0);
        if (damaged > 0)
            this.#tile('Damaged', count(damaged), 'Stored actions that nobody can be shown', true);
        this.#tile('Bad', count(bad), 'Events that validation rejected', bad > 0);
    }
    /** A number with its name; `meaning` says more to who points at it or listens. */
    #tile(name, text, meaning = '', notable = false) {
        let known = this.#tiles.get(name);
        if (!known) {
            const [value, more] = [make('dd', {}), make('dd', { class: 'unseen' })];
            known = { tile: make('div', {}, make('dt', {}, name), value, more), value, more };
            this.#tiles.set(name, known);
            this.#facts.append(known.tile);
        }
        say(known.value, text);
        say(known.more, meaning);
        set(known.tile, 'title', meaning);
        known.tile.classList.toggle('notable', notable);
    }
}
function stored({ bytes = 0, max }) {
    return max === undefined ? size(bytes) : `${size(bytes)} of ${size(max)}`;
}
function slowed(pace) {
    const now = `Pages send their moments every ${pace} ms`;
    return pace > NORMAL ? `${now}: the server slows them down` : now;
}
function missing({ actions, moments }) {
    return `Not sent live to slow pages: ${count(actions)} actions, which followed, and ${count(moments)} moments`;
}
