// Colours, 0xRRGGBB, as they are seen on the paper.
/** What the pen offers; the first is the colour of ink. */
export const SWATCHES = [
    ['Ink', 0x23262d],
    ['Blue', 0x1f5fbf],
    ['Teal', 0x0e8a8a],
    ['Green', 0x2f9e44],
    ['Orange', 0xe8850c],
    ['Red', 0xd9342b],
    ['Pink', 0xc2317f],
    ['Purple', 0x7548c9],
];
/** Darker than this can hardly be seen on dark paper. */
const DARK = 0.25;
/** How far such a colour goes towards white there. */
const TINT = 0.82;
/** 0x1f5fbf -> '#1f5fbf' */
export function css(colour) {
    return `#${colour.toString(16).padStart(6, '0')}`;
}
/** '#1f5fbf' -> 0x1f5fbf */
export function parsed(text) {
    return Number.parseInt(text.slice(1), 16);
}
export function isDark(colour) {
    const [red, green, blue] = parts(colour);
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255 < DARK;
}
/** The colour as it is drawn on this paper: near-black ink is light on a dark one. */
export function inked(colour, dark) {
    if (!dark || !isDark(colour))
        return css(colour);
    const [red, green, blue] = parts(colour).map((part) => Math.round(part + (255 - part) * TINT));
    return css((red << 16) | (green << 8) | blue);
}
function parts(colour) {
    return [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];
}
