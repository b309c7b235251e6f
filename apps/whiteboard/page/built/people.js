// Who else is here, and where they point.
import { announce } from './announce.js';
import { draw, fill, icon, make, say } from './make.js';
import { initials, paint } from './person.js';
import { isolated } from './text.js';
import { end } from './top.js';
/** Longer than the slowest timer of a page in the background. */
const GONE = 90_000;
/** A cursor that rests this long fades. */
const RESTING = 8_000;
/** So many are shown in the header, in a narrow one fewer; the others are a number. */
const SHOWN = 5;
const NARROW = [
    { window: matchMedia('(max-width: 360px)'), shown: 0 },
    { window: matchMedia('(max-width: 720px)'), shown: 2 },
];
/** Nearer to the window's right edge than this, a name is on the left of its cursor. */
const ROOM = 160;
/** So many names are read out; the others are a number here too. */
const NAMED = 10;
/** Many may come at once: the header is drawn once for all who come within so many milliseconds. */
const REDRAW = 50;
/** Who comes and goes within so many milliseconds is told in one sentence. */
const GATHER = 1500;
const NOBODY = 'Someone';
const PEOPLE = 'M10 9 a3 3 0 1 0 0 -6 a3 3 0 0 0 0 6 M4 17 c0 -4 3 -5.5 6 -5.5 s6 1.5 6 5.5';
export class People {
    #layer;
    #toWindow;
    #others = new Map();
    #row = make('span', { class: 'avatars', 'aria-hidden': 'true' });
    #button = make('button', { type: 'button', id: 'people', class: 'people', popovertarget: 'people-list' }, this.#row);
    #list = make('ul', { id: 'people-list', popover: 'auto', 'aria-label': 'Who else is here' });
    #came = [];
    #went = [];
    #timer = 0;
    #drawing = 0;
    /** Cursors are put into `layer`, at `toWindow(x, y)`. */
    constructor(layer, toWindow) {
        this.#layer = layer;
        this.#toWindow = toWindow;
        addEventListener('resize', () => this.replace());
        for (const { window } of NARROW)
            window.addEventListener('change', () => this.#company());
        end('company').append(this.#button, this.#list);
        this.#draw();
    }
    /** Everyone, this page included. */
    get count() {
        return this.#others.size + 1;
    }
    /** The colours that others have. */
    get colours() {
        return new Set([...this.#others.values()].filter(({ name }) => name).map(({ colour }) => colour));
    }
    /** What this author is called, as far as that is known. */
    name(author) {
        return this.#others.get(author)?.name || NOBODY;
    }
    /** Someone says who they are. */
    here({ author, colour, name }, now) {
        const known = this.#others.get(author);
        const person = this.#person(author, now);
        if (known && known.name === name && known.colour === colour)
            return;
        if (!known?.name)
            this.#tell(this.#came, name || NOBODY);
        Object.assign(person, { name, colour });
        if (person.mark)
            label(person.mark, person);
        this.#company();
    }
    /** Someone points at a place on the board. */
    cursor({ author, x, y }, now) {
        const person = this.#person(author, now);
        if (!person.mark) {
            person.mark = mark(person);
            this.#layer.append(person.mark);
        }
        Object.assign(person, { x, y, moved: now });
        person.mark.classList.remove('resting');
        this.#put(person);
    }
    left(author) {
        const person = this.#others.get(author);
        if (!person)
            return;
        this.#forget(author, person);
        if (person.name)
            this.#tell(this.#went, person.name);
        this.#company();
    }
    /** The connection is lost: nobody knows who is here. */
    everyoneLeft() {
        for (const [author, person] of this.#others)
            this.#forget(author, person);
        [this.#came, this.#went] = [[], []];
        this.#company();
    }
    /** Fades cursors that rest and forgets those who are silent. */
    tidy(now) {
        for (const [author, { seen, moved, mark }] of this.#others) {
            if (now - seen > GONE)
                this.left(author);
            else if (now - moved > RESTING)
                mark?.classList.add('resting');
        }
    }
    /** The camera moved: every mark is put again, and does not glide there. */
    replace() {
        this.#layer.classList.add('placing');
        for (const person of this.#others.values())
            this.#put(person);
        requestAnimationFrame(() => requestAnimationFrame(() => this.#layer.classList.remove('placing')));
    }
    #person(author, now) {
        let person = this.#others.get(author);
        if (!person) {
            person = { name: '', colour: 0x64748b, seen: now, moved: now, x: 0, y: 0, mark: null };
            this.#others.set(author, person);
            this.#company();
        }
        person.seen = now;
        return person;
    }
    #forget(author, person) {
        person.mark?.remove();
        this.#others.delete(author);
    }
    #put({ mark, x, y }) {
        if (!mark)
            return;
        const [left, top] = this.#toWindow(x, y);
        mark.style.transform = `translate(${left}px, ${top}px)`;
        mark.classList.toggle('flipped', left > innerWidth - ROOM);
    }
    #company() {
        this.#drawing ||= setTimeout(() => {
            this.#drawing = 0;
            this.#draw();
        }, REDRAW);
    }
    /** The row in the header and the list under it. */
    #draw() {
        const others = [...this.#others.values()];
        const shown = others.slice(0, NARROW.find(({ window }) => window.matches)?.shown ?? SHOWN);
        const row = shown.map((person) => avatar(person));
        if (others.length > shown.length) {
            row.push(make('span', { class: 'avatar more' }, `+${others.length - shown.length}`));
        }
        fill(this.#row, row.length > 0 ? row : [icon(PEOPLE)]);
        const names = others.map(({ name }) => isolated(name || NOBODY));
        const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
        const listed = `${names.slice(0, NAMED).join(', ')}${more}`;
        const sentence = names.length === 0 ? 'Only you are here' : `${names.length + 1} here: you, ${listed}`;
        this.#button.setAttribute('aria-label', sentence);
        this.#button.title = names.length === 0 ? sentence : `${names.length + 1} here`;
        this.#button.dataset.count = String(this.count);
        const items = others.map((person) => make('li', {}, avatar(person), make('bdi', {}, person.name || NOBODY)));
        const alone = make('li', { class: 'quiet' }, 'Only you are here. Copy the link to ask someone in.');
        fill(this.#list, items.length > 0 ? items : [alone]);
    }
    /** Comings and goings, for who does not see the row; several at once are one sentence. */
    #tell(names, name) {
        names.push(isolated(name));
        this.#timer ||= setTimeout(() => {
            this.#timer = 0;
            const sentences = [told(this.#came, 'here'), told(this.#went, 'gone')];
            [this.#came, this.#went] = [[], []];
            announce(sentences.filter(Boolean).join(' '));
        }, GATHER);
    }
}
function told(names, what) {
    if (names.length === 0)
        return '';
    return names.length === 1 ? `${names[0]} is ${what}.` : `${names.length} people are ${what}.`;
}
function avatar(person) {
    const made = make('span', { class: 'avatar' }, initials(person.name || NOBODY));
    paint(made, person.colour);
    return made;
}
function mark(person) {
    const arrow = draw('svg', { viewBox: '0 0 20 20' }, draw('path', { d: 'M2 2 L8 18 L10.5 10.5 L18 8 Z' }));
    const made = make('div', { class: 'cursor' }, arrow, make('bdi', { class: 'tag' }));
    label(made, person);
    return made;
}
function label(mark, person) {
    paint(mark, person.colour);
    say(mark.querySelector('.tag'), person.name);
}
