// The stages over the rings, drawn: a box for each, and an arrow to it from each that it comes after.
import { count, largest, level } from './health.js';
import { draw, fill, say, set } from './make.js';
const WRITERS = { name: 'writers', after: [], lag: 0, rate: 0, pools: {} };
const [WIDTH, HEIGHT] = [116, 50];
const [ACROSS, DOWN] = [WIDTH + 36, HEIGHT + 16];
export class Graph {
    element = draw('svg', { id: 'stages', role: 'img' });
    #boxes = [];
    /** What the boxes were drawn for. */
    #shape = '';
    /** Shows the stages as they are now; `capacities` are those of the pools, `rate` is what all writers publish. */
    show(stages, capacities, rate) {
        const shape = JSON.stringify(stages.map(({ name, after }) => [name, after]));
        if (shape !== this.#shape)
            this.#build(stages);
        this.#shape = shape;
        for (const box of this.#boxes) {
            const stage = stages.find(({ name }) => name === box.stage.name) ?? { ...WRITERS, rate };
            update(box, stage, capacities);
        }
        set(this.element, 'aria-label', stages.map(sentence).join(' '));
    }
    #build(stages) {
        this.#boxes = placed(stages);
        const columns = 1 + largest(this.#boxes.map(({ column }) => column));
        const rows = 1 + largest(this.#boxes.map(({ row }) => row));
        const [width, height] = [(columns - 1) * ACROSS + WIDTH, (rows - 1) * DOWN + HEIGHT];
        set(this.element, 'viewBox', `-1 -1 ${width + 2} ${height + 2}`);
        for (const box of this.#boxes)
            box.arrows = box.before.map((from) => arrow(from, box));
        fill(this.element, [...this.#boxes.flatMap(({ arrows }) => arrows), ...this.#boxes.map(({ group }) => group)]);
    }
}
/** The stages in the order of the data's way: each behind all that it comes after, otherwise as they were. */
export function inOrder(stages) {
    const depth = ({ after }) => {
        const before = stages.filter(({ name }) => after.includes(name));
        return before.length === 0 ? 0 : 1 + largest(before.map(depth));
    };
    return [...stages].sort((one, other) => depth(one) - depth(other));
}
/** A box for the writers and for each stage: in the column behind all that it comes after. */
function placed(stages) {
    const boxes = [];
    const filled = [];
    const boxOf = (stage) => {
        const known = boxes.find((box) => box.stage === stage);
        if (known)
            return known;
        const named = stage.after.flatMap((name) => stages.find((other) => other.name === name) ?? []);
        // A stage whose predecessors have left comes after the writers.
        const before = stage === WRITERS ? [] : named.length > 0 ? named.map(boxOf) : [boxOf(WRITERS)];
        const column = before.length === 0 ? 0 : 1 + largest(before.map((box) => box.column));
        const row = filled[column] ?? 0;
        filled[column] = row + 1;
        const box = { stage, column, row, before, arrows: [], ...drawn(stage, stages.indexOf(stage)) };
        box.group.setAttribute('transform', `translate(${column * ACROSS} ${row * DOWN})`);
        boxes.push(box);
        return box;
    };
    for (const stage of [WRITERS, ...stages])
        boxOf(stage);
    return boxes;
}
function drawn(stage, index) {
    const title = draw('title');
    const name = draw('text', { class: 'name', x: WIDTH / 2, y: 20 });
    name.textContent = stage.name;
    const numbers = draw('text', { class: 'lag', x: WIDTH / 2, y: 37 });
    const load = draw('rect', { class: 'load', x: 0, y: HEIGHT - 4, width: WIDTH, height: 4 });
    const group = draw('g', { class: index < 0 ? 'stage' : `stage mark-${index}` }, title, draw('rect', { class: 'box', width: WIDTH, height: HEIGHT, rx: 9 }), name, numbers);
    if (index >= 0)
        group.append(draw('circle', { class: 'dot', cx: 11, cy: 11, r: 4 }), load);
    group.dataset.stage = stage.name;
    return { group, numbers, load, title };
}
function update(box, stage, capacities) {
    const moving = stage.rate >= 0.5;
    for (const arrow of box.arrows)
        arrow.classList.toggle('moving', moving);
    if (box.stage === WRITERS) {
        say(box.numbers, `${count(stage.rate)}/s`);
        return;
    }
    box.group.dataset.lag = String(stage.lag);
    say(box.numbers, `lag ${count(stage.lag)} \u00b7 ${count(stage.rate)}/s`);
    const pools = Object.entries(stage.pools);
    say(box.title, pools.map(([pool, lag]) => `${pool}: lag ${lag}`).join('\n'));
    const load = Math.min(1, largest(pools.map(([pool, lag]) => lag / (capacities.get(pool) ?? Infinity))));
    box.group.dataset.level = level(load);
    box.load.style.transform = `scaleX(${load.toFixed(3)})`;
}
function sentence(stage) {
    const after = stage.after.join(' and ') || WRITERS.name;
    return `${stage.name}, after ${after}: lag ${stage.lag}, ${Math.round(stage.rate)} a second.`;
}
function arrow(from, to) {
    const [x, y] = [to.column * ACROSS, to.row * DOWN + HEIGHT / 2];
    const [fromX, fromY] = [from.column * ACROSS + WIDTH, from.row * DOWN + HEIGHT / 2];
    const bend = (x - fromX) / 2;
    const line = `M${fromX} ${fromY} C${fromX + bend} ${fromY} ${x - bend} ${y} ${x - 2} ${y}`;
    const head = draw('path', { d: `M${x - 8} ${y - 4} l6 4 l-6 4` });
    const made = draw('g', { class: 'arrow' }, draw('path', { d: line }), head);
    made.dataset.arrow = `${from.stage.name} ${to.stage.name}`;
    return made;
}
