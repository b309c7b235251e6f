// How the text of a note lies: its lines, wrapped where they would be too long to read, and where each begins.

import { direction, graphemes } from './text.js';

/** The distance of the lines of a note, in letters. */
export const LINE = 1.3;
/** No line of a note is wider, in letters: what is longer goes on in the next. */
export const WIDEST = 20;

/** Behind each of these a line may go on in the next: spaces, hyphens in words, signs of scripts without spaces. */
const BREAK =
  /\s+(?=\S)|[\p{L}\p{N}]-(?=\p{L})|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\u30fc][\p{Po}\p{Pe}\p{Pf}]*(?=[^\s\p{Po}\p{Pe}\p{Pf}\u30fc])/gu;

export interface Layout {
  lines: readonly { text: string; direction: 'ltr' | 'rtl' }[];
  /** In board units; a line that is written from the right begins there. */
  width: number;
  height: number;
  /** A line of the text has become several. */
  wraps: boolean;
}

/** Lays out a text in letters so big; `measure(text, size)` is the width of a line of them. */
export function layout(text: string, size: number, measure: (text: string, size: number) => number): Layout {
  const fits = (line: string) => measure(line.trimEnd(), 1) <= WIDEST;
  const paragraphs = text.split('\n');
  // What one wraps from belongs together: all its lines begin where the first does.
  const lines = paragraphs.flatMap((paragraph) => {
    const begins = direction(paragraph);
    return wrapped(paragraph, fits).map((line) => ({ text: line, direction: begins }));
  });
  const wraps = lines.length > paragraphs.length;
  let widest = 0;
  for (const line of lines) widest = Math.max(widest, measure(line.text, size));
  const width = wraps ? WIDEST * size : widest;
  return { lines, width, height: lines.length * size * LINE, wraps };
}

function wrapped(paragraph: string, fits: (line: string) => boolean): string[] {
  if (fits(paragraph)) return [paragraph];
  const lines: string[] = [];
  let line = '';
  const add = (piece: string) => {
    if (line && !fits(line + piece)) {
      lines.push(line);
      line = '';
    }
    line += piece;
  };
  for (const piece of pieces(paragraph)) {
    // A word that is longer than a line begins a new one, and is broken between any two characters.
    const isLong = !fits(piece);
    if (isLong && line) lines.push(line);
    if (isLong) line = '';
    for (const part of isLong ? graphemes(piece) : [piece]) add(part);
  }
  return [...lines, line];
}

/** What a line may not be broken in, with the spaces behind it. */
function pieces(paragraph: string): string[] {
  const ends = [...paragraph.matchAll(BREAK)].map(({ 0: { length }, index }) => index + length);
  return [0, ...ends].map((from, at) => paragraph.slice(from, ends[at]));
}
