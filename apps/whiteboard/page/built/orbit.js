// A ring, drawn: its slots, the place of the next event, and on a track each the stages that follow.
import { largest } from './health.js';
import { draw, set, together } from './make.js';
const MIDDLE = 60;
const OUTER = 53;
/** The tracks of the stages, from the outer one inwards. */
const TRACKS = [43, 36, 29, 22];
/** More slots than this cannot be told apart. */
const SLOTS_DRAWN = 60;
/** In a second the ring may go round many times; so many are shown, and what is left of a turn. */
const TURNS_SHOWN = 1;
export class Orbit {
    element;
    #capacity;
    #head = draw('g', { class: 'head' });
    #arc = draw('circle', { class: 'behind', cx: MIDDLE, cy: MIDDLE, r: OUTER, pathLength: 100 });
    #readers = new Map();
    /** What was published when it was last shown, and how many turns the picture has made since it began. */
    #published = -1;
    #turns = 0;
    /** A picture for the eyes: what it shows is written beside it. `names` are the stages, in their order. */
    constructor(id, capacity, names) {
        this.#capacity = capacity;
        const slots = Math.min(capacity, SLOTS_DRAWN);
        const gap = 0.22;
        const track = draw('circle', {
            class: 'slots', cx: MIDDLE, cy: MIDDLE, r: OUTER, pathLength: slots, 'stroke-dasharray': `${1 - gap} ${gap}`,
        });
        // From the head back to the slowest stage: against the clock.
        const back = `translate(${MIDDLE} ${MIDDLE}) scale(-1 1) rotate(-90) translate(${-MIDDLE} ${-MIDDLE})`;
        const behind = draw('g', { transform: back }, this.#arc);
        this.#head.append(behind, draw('path', { class: 'marker', d: `M${MIDDLE} ${MIDDLE - OUTER + 5} l-5.5 -12 h11 z` }));
        const label = draw('text', { x: MIDDLE, y: MIDDLE + 5 });
        label.textContent = id;
        this.element = draw('svg', { viewBox: '-1 -1 122 122', class: 'orbit', 'aria-hidden': 'true' }, track);
        for (const [index, name] of names.entries()) {
            const radius = TRACKS[index % TRACKS.length];
            const dot = draw('circle', { cx: MIDDLE, cy: MIDDLE - radius, r: 4 });
            const group = draw('g', { class: `reader mark-${index}` }, dot);
            group.dataset.reader = name;
            this.element.append(draw('circle', { class: 'track', cx: MIDDLE, cy: MIDDLE, r: radius }));
            this.#readers.set(name, group);
        }
        this.element.append(together([...this.#readers.values(), this.#head, label]));
    }
    /** So many events were published, and each stage is so many behind. */
    show(published, lags) {
        const turned = this.#published < 0 ? published / this.#capacity : (published - this.#published) / this.#capacity;
        const whole = Math.floor(turned);
        this.#turns += turned - whole + (this.#published < 0 ? 0 : Math.max(0, Math.min(whole, TURNS_SHOWN)));
        this.#published = published;
        turn(this.#head, this.#turns);
        for (const [name, group] of this.#readers) {
            const lag = lags.get(name);
            group.toggleAttribute('hidden', lag === undefined);
            if (lag !== undefined)
                turn(group, this.#turns - Math.min(1, lag / this.#capacity));
        }
        const slowest = Math.min(1, largest(lags.values()) / this.#capacity);
        set(this.#arc, 'stroke-dasharray', `${(slowest * 100).toFixed(1)} 200`);
    }
}
function turn(group, turns) {
    const transform = `rotate(${(turns * 360).toFixed(1)}deg)`;
    if (group.style.transform !== transform)
        group.style.transform = transform;
}
