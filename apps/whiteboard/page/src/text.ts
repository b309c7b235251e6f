// What a text on the wire may hold, and what its letters are.

/** Controls, and what embeds or overrides the direction of writing: a text could pretend to be another with them. */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu;
const FORBIDDEN_BUT_LINES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu;
/** The marks that have a direction and no shape: they stay, but alone they are no text. */
const MARKS = /[\s\u061c\u200e\u200f]/gu;
/** A letter has a direction of its own, and so has each of the marks. */
const STRONG = /[\p{L}\u061c\u200e\u200f]/u;
/** Those that are written from the right: the blocks that Unicode keeps for such scripts, and two marks. */
const FROM_RIGHT = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** What a person takes for one character, nearly, where the browser does not know it. */
const GRAPHEME = /\p{RI}{2}|\r\n|.(?:[\p{M}\p{EMod}\u{e0020}-\u{e007f}]|\u200d\p{ExtPict}?)*/gsu;

const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter() : null;

/** The text without what the server refuses, its lines kept and ended by \n. */
export function cleanLines(text: string): string {
  return whole(text).replace(/\r\n?/g, '\n').replace(/\t/g, ' ').replace(FORBIDDEN_BUT_LINES, '');
}

/** The text without what the server refuses, in one line. */
export function cleanLine(text: string): string {
  return whole(text).replace(/\s+/g, ' ').replace(FORBIDDEN, '').trim();
}

/** Whether there is nothing to be seen of the text. */
export function isBlank(text: string): boolean {
  return text.replace(MARKS, '') === '';
}

/** How long it is on the wire. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What a person takes for the characters of the text, one after the other. */
export function* graphemes(text: string): Generator<string> {
  if (segmenter) for (const { segment } of segmenter.segment(text)) yield segment;
  else for (const [grapheme] of text.matchAll(GRAPHEME)) yield grapheme;
}

/** The beginning of the text that fits so many bytes, nothing cut in two that a person takes for one character. */
export function cut(text: string, bytes: number): string {
  let [kept, length] = ['', 0];
  for (const grapheme of graphemes(text)) {
    length += byteLength(grapheme);
    if (length > bytes) break;
    kept += grapheme;
  }
  return kept;
}

/** Where a line is begun: as the first letter says that has a direction, and from the left if none has. */
export function direction(line: string): 'ltr' | 'rtl' {
  const first = STRONG.exec(line)?.[0];
  return first !== undefined && FROM_RIGHT.test(first) ? 'rtl' : 'ltr';
}

/** The text for a sentence of ours: written from the right it does not turn round what comes after it. */
export function isolated(text: string): string {
  return direction(text) === 'rtl' ? `\u2068${text}\u2069` : text;
}

/** Half a character, which has no UTF-8, becomes the sign for one that is missing. */
function whole(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
