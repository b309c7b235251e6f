// Time travel: a slider over the history of the board, which is shown as it was, and played. Nothing can be drawn meanwhile;
// what others draw goes on behind it, and is there when it ends.
import { announce } from './announce.js';
import { Board } from './board.js';
import { meet } from './geometry.js';
import { count } from './health.js';
import { fill, icon, make, part, say, set } from './make.js';
import { measure } from './paint.js';
import { readPast } from './past.js';
import { Pictures } from './pictures.js';
import { Rewind } from './rewind.js';
import { soon } from './soon.js';
import { isolated } from './text.js';
import { View } from './view.js';
const PLAY = 'M6 4 L16 10 L6 16 Z';
const STILL = 'M7 4 v12 M13 4 v12';
const BACK = 'M12 5 L7 10 L12 15';
const ON = 'M8 5 L13 10 L8 15';
const SPEEDS = [1, 4, 16, 64];
/** When it is played, no pause is longer than this, in milliseconds. */
const LONGEST = 1500;
const NOBODY = 'Someone';
const NONE = 'This server keeps no history. It does when it is started with --journal.';
const EMPTY = 'Nothing on this board is in the history yet.';
const WHEN = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hour12: false });
export class Travel {
    #name;
    #live;
    #said;
    #changed;
    #board = new Board(measure);
    #pictures;
    #show;
    #rewind = null;
    #isCut = false;
    #reading = null;
    #timer = 0;
    /** What had the focus before. */
    #from = null;
    #what = make('p', { class: 'what' });
    #where = make('p', { class: 'where quiet' });
    #slider = make('input', { type: 'range', min: 0, step: 1, 'aria-label': 'Step of the history', title: 'Step of the history' });
    #play = make('button', { type: 'button', class: 'plain', 'data-does': 'play' });
    #back = make('button', { type: 'button', class: 'plain', 'aria-label': 'One step back', title: 'One step back' }, icon(BACK));
    #on = make('button', { type: 'button', class: 'plain', 'aria-label': 'One step on', title: 'One step on' }, icon(ON));
    #speed = make('select', { 'aria-label': 'Speed', title: 'How fast it is played; pauses are shortened' }, SPEEDS.map((speed) => make('option', { value: speed, selected: speed === 4 }, `${speed}\u00d7`)));
    #end = make('button', { type: 'button', class: 'main', 'data-does': 'end' }, 'Back to now');
    #bar = make('section', { id: 'travel', 'aria-label': 'History of this board', hidden: true }, make('div', { class: 'words' }, this.#what, this.#where), make('div', { class: 'way' }, this.#back, this.#slider, this.#on), make('div', { class: 'does' }, this.#play, this.#speed, this.#end));
    /** `live` is the board `name`; `said(text)` tells the person something, `changed()` is called when it begins and ends. */
    constructor(name, live, camera, look, said, changed) {
        this.#name = name;
        this.#live = live;
        this.#said = said;
        this.#changed = changed;
        let view = null;
        this.#pictures = new Pictures((item) => (this.#board.isSeen(item) && meet(item.box, camera.box) ? camera.scale * devicePixelRatio : 0), (item) => view?.changed(item.box));
        const own = { colour: look.colour, get edge() { return look.edge; }, picture: (item) => this.#pictures.of(item) };
        const canvases = [make('canvas'), make('canvas'), make('canvas')];
        fill(part('past'), canvases);
        // Its canvases are made when they are wanted first.
        this.#show = () => {
            view ??= new View(canvases, camera, this.#board, own, () => ({ lines: [], ring: null }));
            view.changed(null);
        };
        document.body.append(this.#bar);
        const seek = soon(() => this.#sought());
        this.#slider.addEventListener('input', () => {
            this.#pause();
            seek();
        });
        this.#back.addEventListener('click', () => this.#step(-1));
        this.#on.addEventListener('click', () => this.#step(1));
        this.#play.addEventListener('click', () => (this.#timer ? this.#pause() : this.#begin()));
        this.#end.addEventListener('click', () => this.close());
        this.#bar.addEventListener('keydown', (event) => {
            if (event.key !== 'Escape')
                return;
            event.preventDefault();
            this.close();
        });
        this.#pause();
    }
    get open() {
        return !this.#bar.hidden;
    }
    toggle() {
        if (this.open)
            this.close();
        else
            void this.#start();
    }
    /** The paper changed. */
    renew() {
        if (this.#rewind)
            this.#show();
    }
    close() {
        if (!this.open)
            return;
        this.#pause();
        this.#reading?.abort();
        this.#reading = null;
        this.#rewind = null;
        const focused = this.#bar.contains(document.activeElement);
        this.#bar.hidden = true;
        delete document.body.dataset.past;
        this.#board.reset();
        this.#pictures.reset();
        this.#changed();
        if (focused && this.#from instanceof HTMLElement)
            this.#from.focus({ preventScroll: true });
        announce('The board as it is now');
    }
    async #start() {
        const reading = new AbortController();
        this.#reading = reading;
        this.#from = document.activeElement;
        this.#bar.hidden = false;
        this.#able(false);
        [this.#slider.max, this.#slider.value] = ['0', '0'];
        say(this.#what, 'Reading the history\u2026');
        say(this.#where, '');
        this.#end.focus({ preventScroll: true });
        let past;
        try {
            past = await readPast(this.#name, (steps) => say(this.#where, `${count(steps)} steps`), reading.signal);
        }
        catch (error) {
            if (!reading.signal.aborted)
                this.#none(`The history cannot be shown. ${error instanceof Error ? error.message : ''}`);
            return;
        }
        if (reading.signal.aborted)
            return;
        if (past === null)
            this.#none(NONE);
        else if (past.steps.length === 0)
            this.#none(EMPTY);
        else
            this.#arrived(past);
    }
    #none(why) {
        this.close();
        this.#said(why);
    }
    #arrived({ steps, isCut }) {
        this.#isCut = isCut;
        this.#rewind = new Rewind(this.#board, steps, this.#live.placed, () => this.#pictures.reset());
        document.body.dataset.past = '';
        this.#changed();
        [this.#slider.max, this.#slider.value] = [String(steps.length), String(steps.length)];
        this.#able(true);
        this.#show();
        this.#sought();
        this.#slider.focus({ preventScroll: true });
    }
    #able(is) {
        for (const control of [this.#slider, this.#play, this.#back, this.#on, this.#speed])
            control.disabled = !is;
    }
    get #at() {
        return Number(this.#slider.value);
    }
    #step(steps) {
        this.#pause();
        this.#slider.value = String(this.#at + steps);
        this.#sought();
        announce(this.#slider.getAttribute('aria-valuetext') ?? '');
    }
    /** Shows the board as the slider says. */
    #sought() {
        const rewind = this.#rewind;
        if (!rewind)
            return;
        const [at, last] = [this.#at, rewind.steps.length];
        rewind.seek(at);
        const step = at > 0 ? rewind.steps[at - 1] : null;
        const what = step ? told(step) : this.#isCut ? 'Before this, steps are too many to be shown' : 'Before the history begins';
        const where = `${step ? `${WHEN.format(step.time)} \u00b7 ` : ''}${count(at)} of ${count(last)}`;
        say(this.#what, what);
        say(this.#where, where);
        set(this.#slider, 'aria-valuetext', `${what}, ${where}`);
        document.body.dataset.past = String(at);
    }
    #begin() {
        if (!this.#rewind)
            return;
        if (this.#at === this.#rewind.steps.length)
            this.#slider.value = '0';
        this.#sought();
        this.#player(true);
        this.#next();
    }
    /** Plays the next step when it is due. */
    #next() {
        const steps = this.#rewind?.steps ?? [];
        const [now, next] = [steps[this.#at - 1], steps[this.#at]];
        if (!next) {
            this.#pause();
            announce('The end of the history');
            return;
        }
        const pause = now ? Math.max(0, next.time - now.time) / Number(this.#speed.value) : 0;
        this.#timer = setTimeout(() => {
            this.#slider.value = String(this.#at + 1);
            this.#sought();
            this.#next();
        }, Math.min(LONGEST, pause));
    }
    #pause() {
        clearTimeout(this.#timer);
        this.#timer = 0;
        this.#player(false);
    }
    #player(plays) {
        const word = plays ? 'Pause' : 'Play';
        set(this.#play, 'aria-label', word);
        set(this.#play, 'title', word);
        this.#play.replaceChildren(icon(plays ? STILL : PLAY));
    }
}
/** What a step did, in words. */
function told({ message, name, gap }) {
    const who = isolated(name || NOBODY);
    return `${gap ? 'Something before this is missing. ' : ''}${who} ${did(message)}`;
}
function did(message) {
    switch (message.kind) {
        case 'stroke':
            return 'drew a line';
        case 'note':
            return 'wrote a note';
        case 'image':
            return 'added a picture';
        case 'clear':
            return 'cleared the board';
        case 'hide':
            return `took away ${things(message.revisions.length)}`;
        case 'show':
            return `brought back ${things(message.revisions.length)}`;
    }
}
function things(number) {
    return number === 1 ? 'one thing' : `${count(number)} things`;
}
