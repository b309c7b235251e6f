// A minute in a small picture: events a second as a line, pressure as an area behind it.
import { count, largest, percent } from './health.js';
import { draw, make, say, set } from './make.js';
const SECONDS = 60;
const [WIDTH, HEIGHT] = [240, 44];
/** Above the line, so that its highest point is not cut off. */
const TOP = 3;
export class Sparkline {
    element = make('figure', { class: 'sparkline' });
    #area = draw('path', { class: 'area' });
    #line = draw('path', { class: 'line' });
    #svg = draw('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' }, draw('path', { class: 'floor', d: `M0 ${HEIGHT - 0.5} H${WIDTH}` }), this.#area, this.#line);
    #most = make('span', { class: 'most' });
    #highest = make('span', { class: 'highest' });
    constructor() {
        this.element.append(this.#svg, make('figcaption', { 'aria-hidden': 'true' }, '1 min', this.#most, this.#highest));
    }
    /** Shows events a second and pressures (0 to 1), the oldest first, the newest at the right edge. */
    show(rate, pressure) {
        const most = largest(rate);
        const highest = largest(pressure);
        set(this.#line, 'd', steps(rate, Math.max(1, most)));
        const outline = steps(pressure, 1);
        set(this.#area, 'd', outline && `${outline} V${HEIGHT} H${left(pressure.length)} Z`);
        this.element.dataset.seconds = String(rate.length);
        say(this.#most, `max ${count(most)}/s`);
        say(this.#highest, `max ${percent(highest)}`);
        set(this.#svg, 'aria-label', sentence(rate, most, highest));
    }
}
function steps(values, most) {
    return values
        .map((value, index) => {
        const x = left(values.length - index);
        const y = HEIGHT - 1 - (value / most) * (HEIGHT - 1 - TOP);
        return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
        .join('');
}
/** Where the value stands that is so many seconds before the end. */
function left(fromEnd) {
    return WIDTH - ((fromEnd - 1) / (SECONDS - 1)) * WIDTH;
}
function sentence(rate, most, highest) {
    if (rate.length === 0)
        return 'The last minute: not a second of it has passed yet.';
    const mean = rate.reduce((sum, value) => sum + value, 0) / rate.length;
    return `The last minute: ${Math.round(mean)} events a second on average, at most ${most}; `
        + `the pressure was at most ${Math.round(highest * 100)} percent.`;
}
