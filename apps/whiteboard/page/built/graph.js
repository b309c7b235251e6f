// @ts-nocheck
// The stages over the rings, drawn: a box for each, and an arrow to it from each that it comes after.
const SVG = 'http://www.w3.org/2000/svg';
const WRITERS = { name: 'writers', after: [] };
const [WIDTH, HEIGHT] = [112, 46];
const [ACROSS, DOWN] = [WIDTH + 40, HEIGHT + 16];
export class Graph {
    #svg;
    /** Draws into `svg`. */
    constructor(svg) {
        this.#svg = svg;
    }
    /** Shows the stages as they are now: { name, after, lag, rate, pools }. */
    show(stages) {
        const boxes = placed(stages);
        const [columns, rows] = ['column', 'row'].map((side) => 1 + Math.max(...boxes.map((box) => box[side])));
        const [width, height] = [(columns - 1) * ACROSS + WIDTH, (rows - 1) * DOWN + HEIGHT];
        this.#svg.setAttribute('viewBox', `-1 -1 ${width + 2} ${height + 2}`);
        this.#svg.setAttribute('aria-label', stages.map(sentence).join(' '));
        this.#svg.replaceChildren(...boxes.flatMap(arrows), ...boxes.map(drawn));
    }
}
/** A box for the writers and for each stage: in the column behind all that it comes after. */
function placed(stages) {
    const boxes = [];
    for (const stage of [WRITERS, ...stages]) {
        const named = stage.after.map((name) => stages.find((other) => other.name === name)).filter(Boolean);
        boxes.push({ stage, named });
    }
    const boxOf = (stage) => boxes.find((box) => box.stage === stage);
    const column = ({ stage, named }) => (stage === WRITERS ? 0 : 1 + Math.max(0, ...named.map((before) => column(boxOf(before)))));
    const filled = [];
    for (const box of boxes) {
        box.column = column(box);
        box.row = filled[box.column] ?? 0;
        filled[box.column] = box.row + 1;
        // A stage whose predecessors have left comes after the writers.
        box.before = box.named.length > 0 ? box.named.map(boxOf) : [boxes[0]].filter((writers) => writers !== box);
    }
    return boxes;
}
const aSecond = (stage) => Math.round(stage.rate);
function sentence(stage) {
    const after = stage.after.join(' and ') || WRITERS.name;
    return `${stage.name}, after ${after}: lag ${stage.lag}, ${aSecond(stage)} a second.`;
}
function drawn({ stage, column, row }) {
    const group = node('g', { class: 'stage', transform: `translate(${column * ACROSS} ${row * DOWN})` });
    group.dataset.stage = stage.name;
    group.append(node('rect', { width: WIDTH, height: HEIGHT, rx: 8 }), text(stage.name, 19, 'name'));
    if (stage !== WRITERS) {
        group.dataset.lag = stage.lag;
        const title = node('title', {});
        title.textContent = Object.entries(stage.pools).map(([pool, lag]) => `${pool}: lag ${lag}`).join('\n');
        group.append(title, text(`lag ${stage.lag} \u00b7 ${aSecond(stage)}/s`, 36, 'lag'));
    }
    else {
        group.append(text('of five pools', 36, 'lag'));
    }
    return group;
}
function arrows({ stage, column, row, before }) {
    return before.map((from) => {
        const [x, y] = [column * ACROSS, row * DOWN + HEIGHT / 2];
        const [fromX, fromY] = [from.column * ACROSS + WIDTH, from.row * DOWN + HEIGHT / 2];
        const bend = (x - fromX) / 2;
        const line = `M${fromX} ${fromY} C${fromX + bend} ${fromY} ${x - bend} ${y} ${x - 2} ${y}`;
        const path = node('path', { class: 'arrow', d: `${line} m-6 -4 l6 4 l-6 4` });
        path.dataset.arrow = `${from.stage.name} ${stage.name}`;
        return path;
    });
}
function text(content, y, name) {
    const label = node('text', { x: WIDTH / 2, y, class: name });
    label.textContent = content;
    return label;
}
function node(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes))
        made.setAttribute(key, value);
    return made;
}
