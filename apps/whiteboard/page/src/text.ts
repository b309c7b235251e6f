// What a text on the wire may hold.

/** Controls and what turns the direction of writing: a text could pretend to be another with them. */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const FORBIDDEN_BUT_LINES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text without what the server refuses, its lines kept and ended by \n. */
export function cleanLines(text: string): string {
  return whole(text).replace(/\r\n?/g, '\n').replace(/\t/g, ' ').replace(FORBIDDEN_BUT_LINES, '');
}

/** The text without what the server refuses, in one line. */
export function cleanLine(text: string): string {
  return whole(text).replace(/\s+/g, ' ').replace(FORBIDDEN, '').trim();
}

/** How long it is on the wire. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The beginning of the text that fits so many bytes, no character cut in two. */
export function cut(text: string, bytes: number): string {
  const room = new Uint8Array(bytes);
  return text.slice(0, new TextEncoder().encodeInto(text, room).read);
}

/** Half a character, which has no UTF-8, becomes the sign for one that is missing. */
function whole(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
