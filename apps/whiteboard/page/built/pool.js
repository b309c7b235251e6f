// What the panel shows of one pool.
import { count, level, peak, percent, size } from './health.js';
import { make, say, set } from './make.js';
import { Orbit } from './orbit.js';
import { Sparkline } from './sparkline.js';
export class PoolCard {
    element;
    #orbit;
    #sparkline = new Sparkline();
    #rate = make('b', {});
    #bar = make('span', { class: 'fill' });
    #pressure = make('b', {});
    #meter;
    /** Stage -> where its lag and its loss stand. */
    #cells = new Map();
    /** `names` are the stages of all pools, in their order; this one may be without some of them. */
    constructor(pool, names) {
        this.#orbit = new Orbit(pool.id, pool.capacity, names);
        const meter = make('div', { class: 'meter', role: 'meter', 'aria-label': 'Pressure', 'aria-valuemin': 0, 'aria-valuemax': 100 }, this.#bar);
        this.#meter = meter;
        const slots = `${count(pool.capacity)} slots of ${size(pool.slot)}`;
        const facts = make('div', { class: 'facts' }, make('h4', {}, make('span', { class: 'unseen' }, `Pool ${pool.id}: `), slots), make('p', { class: 'rate' }, this.#rate, ' events/s'), make('div', { class: 'pressure' }, make('span', {}, 'Pressure'), meter, this.#pressure));
        const parts = [this.#orbit.element, facts, this.#sparkline.element, this.#table(names)];
        this.element = make('article', { class: 'pool' }, parts);
        this.element.dataset.pool = pool.id;
    }
    show(pool) {
        const lags = new Map(pool.readers.map(({ name, lag }) => [name, lag]));
        this.#orbit.show(pool.published, lags);
        this.#sparkline.show(pool.history.rate, pool.history.pressure);
        this.element.dataset.published = String(pool.published);
        say(this.#rate, count(pool.rate));
        const pressure = peak(pool);
        say(this.#pressure, percent(pressure));
        this.#bar.style.transform = `scaleX(${pressure.toFixed(3)})`;
        this.#meter.dataset.level = level(pressure);
        set(this.#meter, 'aria-valuenow', String(Math.round(pressure * 100)));
        set(this.#meter, 'aria-valuetext', `${percent(pressure)}, ${level(pressure)}`);
        for (const [name, { lag, lost }] of this.#cells) {
            const reader = pool.readers.find((known) => known.name === name);
            say(lag, reader ? count(reader.lag) : '\u2013');
            say(lost, reader ? count(reader.lost) : '\u2013');
            lag.classList.toggle('some', (reader?.lag ?? 0) > 0);
            lost.classList.toggle('bad', (reader?.lost ?? 0) > 0);
        }
    }
    #table(names) {
        const cells = names.map((name) => {
            const pair = { lag: make('td', {}), lost: make('td', {}) };
            this.#cells.set(name, pair);
            return pair;
        });
        const dot = (index) => make('i', { class: `dot mark-${index}` });
        const heads = names.map((name, index) => make('th', { scope: 'col' }, dot(index), name));
        const row = (title, tds) => make('tr', {}, make('th', { scope: 'row' }, title), tds);
        return make('table', {}, make('thead', {}, make('tr', {}, make('td', {}), heads)), make('tbody', {}, row('Lag', cells.map(({ lag }) => lag)), row('Lost', cells.map(({ lost }) => lost))));
    }
}
