// Elements, made in one expression. Texts become text nodes and nothing else.
const SVG = 'http://www.w3.org/2000/svg';
/** An element with these attributes (`true` is an empty one, `false` is none) and children, of which some may be in lists. */
export function make(tag, attributes = {}, ...children) {
    return filled(document.createElement(tag), attributes, children);
}
/** The same for what is drawn. */
export function draw(tag, attributes = {}, ...children) {
    return filled(document.createElementNS(SVG, tag), attributes, children);
}
/** A sign of 20 by 20 units, drawn by this path in lines of the text's colour. */
export function icon(path) {
    return draw('svg', { viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true' }, draw('path', { d: path }));
}
/** Shows a text where it is not shown already: what does not change costs no layout. */
export function say(place, text) {
    if (place.textContent !== text)
        place.textContent = text;
}
/** Sets an attribute where it has another value. */
export function set(place, name, value) {
    if (place.getAttribute(name) !== value)
        place.setAttribute(name, value);
}
/** These together, however many they are, to be put somewhere. */
export function together(children) {
    const all = document.createDocumentFragment();
    for (const child of children)
        all.append(child);
    return all;
}
/** Makes these the children of the place. */
export function fill(place, children) {
    place.replaceChildren(together(children));
}
/** The element with this id. */
export function part(id) {
    const found = document.getElementById(id);
    if (!found)
        throw new Error(`the page has no #${id}`);
    return found;
}
function filled(made, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== false)
            made.setAttribute(name, value === true ? '' : String(value));
    }
    made.append(together(children.flat()));
    return made;
}
