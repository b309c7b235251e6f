// A field that holds so much and no more. What is in it stays: when it is full, nothing more comes in.

import { byteLength, cleanLines, cut } from './text.js';

/** Lets so many bytes into the field; `full()` is told when something was left out. */
export function bounded(field: HTMLTextAreaElement, bytes: number, full: () => void): void {
  /** What was in it before, which fits. */
  let before = field.value;

  field.addEventListener('beforeinput', (event) => {
    if (event.isComposing || !event.inputType.startsWith('insert')) return;
    const given = event.data ?? event.dataTransfer?.getData('text/plain') ?? '\n';
    const { value, selectionStart: start, selectionEnd: end } = field;
    if (length(value.slice(0, start) + given + value.slice(end)) <= bytes) return;
    event.preventDefault();
    full();
    const part = cut(cleanLines(given), bytes - length(value.slice(0, start) + value.slice(end)));
    // The browser's own undo knows only of what the browser inserts.
    if (part) document.execCommand('insertText', false, part);
  });

  // What could not be held up before it was there, as letters that are composed.
  const settle = () => {
    const { value, selectionStart } = field;
    if (length(value) > bytes) {
      full();
      const { head, middle, tail } = inserted(before, value, selectionStart);
      const part = cut(cleanLines(middle), bytes - length(head + tail));
      field.value = head + part + tail;
      field.selectionStart = field.selectionEnd = head.length + part.length;
    }
    before = field.value;
  };
  field.addEventListener('input', (event) => (event as InputEvent).isComposing || settle());
  field.addEventListener('compositionend', settle);
}

/** What came into a text in front of the caret, and what was there before and behind it. */
function inserted(before: string, after: string, caret: number): { head: string; middle: string; tail: string } {
  // By whole characters: two may begin with the same half.
  const [old, now] = [[...before], [...after]];
  const most = Math.min(old.length, now.length);
  const inFront = Math.min(most, [...after.slice(0, caret)].length);
  let [front, back] = [0, 0];
  while (front < inFront && old[front] === now[front]) front += 1;
  while (back < most - front && old.at(-1 - back) === now.at(-1 - back)) back += 1;
  const text = (from: number, to: number) => now.slice(from, to).join('');
  const end = now.length - back;
  return { head: text(0, front), middle: text(front, end), tail: text(end, now.length) };
}

function length(text: string): number {
  return byteLength(cleanLines(text));
}
