// Elements, made in one expression. Texts become text nodes and nothing else.

const SVG = 'http://www.w3.org/2000/svg';

type Value = string | number | boolean;
type Child = Node | string | readonly (Node | string)[];

/** An element with these attributes (`true` is an empty one, `false` is none) and children, of which some may be in lists. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for what is drawn. */
export function draw<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** A sign of 20 by 20 units, drawn by this path in lines of the text's colour. */
export function icon(path: string): SVGSVGElement {
  return draw('svg', { viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true' }, draw('path', { d: path }));
}

/** Shows a text where it is not shown already: what does not change costs no layout. */
export function say(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

/** Sets an attribute where it has another value. */
export function set(place: Element, name: string, value: string): void {
  if (place.getAttribute(name) !== value) place.setAttribute(name, value);
}

/** These together, however many they are, to be put somewhere. */
export function together(children: Iterable<Node | string>): DocumentFragment {
  const all = document.createDocumentFragment();
  for (const child of children) all.append(child);
  return all;
}

/** Makes these the children of the place. */
export function fill(place: Element, children: Iterable<Node | string>): void {
  place.replaceChildren(together(children));
}

/** The element with this id. */
export function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

function filled<Made extends Element>(made: Made, attributes: Record<string, Value>, children: Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(together(children.flat()));
  return made;
}
