// How a person is shown: a colour, and a letter or two.

import { css } from './colours.js';
import { graphemes } from './text.js';

/** What a person may choose: white letters can be read on each of these. */
export const PALETTE: readonly { colour: number; name: string }[] = [
  { colour: 0x1f5fbf, name: 'Blue' },
  { colour: 0x0e7490, name: 'Teal' },
  { colour: 0x15803d, name: 'Green' },
  { colour: 0x946200, name: 'Ochre' },
  { colour: 0xc2410c, name: 'Orange' },
  { colour: 0xb91c1c, name: 'Red' },
  { colour: 0xbe185d, name: 'Pink' },
  { colour: 0x7c3aed, name: 'Violet' },
];

/** Black or white: whichever can be read on this colour, which may be any that a page sent. */
export function letters(colour: number): string {
  const [red, green, blue] = [colour >> 16, (colour >> 8) & 255, colour & 255].map((part) => (part / 255) ** 2.2);
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! > 0.3 ? '#111' : '#fff';
}

/** Paints an element in a person's colour. */
export function paint(place: HTMLElement, colour: number): void {
  place.style.setProperty('--person', css(colour));
  place.style.setProperty('--letters', letters(colour));
}

/** 'Quiet Heron' -> 'QH' */
export function initials(name: string): string {
  const words = name.split(/[\s_.-]+/).filter(Boolean);
  const [first, last] = [words[0] ?? '?', words.length > 1 ? words.at(-1)! : ''];
  return (character(first) + character(last)).toUpperCase();
}

/** The first sign of a word, whatever it is made of. */
function character(word: string): string {
  return graphemes(word).next().value ?? '';
}
