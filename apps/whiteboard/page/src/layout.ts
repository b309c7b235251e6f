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
  let [parts, from, count] = [pieces(paragraph), 0, 1];
  while (from < parts.length) {
    const line = (length: number) => parts.slice(from, from + length).join('');
    count = most(parts.length - from, count, (length) => fits(line(length)));
    const characters = count === 0 ? [...graphemes(parts[from]!)] : [];
    if (characters.length > 1) {
      // A word that is longer than a line is broken between any two characters.
      [parts, from] = [[...characters, ...parts.slice(from + 1)], 0];
      continue;
    }
    count = Math.max(1, count);
    lines.push(line(count));
    from += count;
  }
  return lines;
}

/** The most, up to a limit, that fits, if whatever is less than what fits does too; few are tried if the guess is near. */
function most(limit: number, guess: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, limit + 1];
  for (let [at, step] = [guess, 1]; low + 1 < high; step *= 2) {
    at = Math.max(low + 1, Math.min(high - 1, at));
    if (fits(at)) low = at;
    else high = at;
    at = low === at ? low + step : high - step;
  }
  return low;
}

/** What a line may not be broken in, with the spaces behind it. */
function pieces(paragraph: string): string[] {
  const ends = [...paragraph.matchAll(BREAK)].map(({ 0: { length }, index }) => index + length);
  return [0, ...ends].map((from, at) => paragraph.slice(from, ends[at]));
}
