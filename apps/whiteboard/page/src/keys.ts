// The keyboard: one key for each thing that is done often, listed by `?`.

/** A row of the list: the keys as they are shown, and what they do. */
interface Row {
  keys: readonly string[];
  does: string;
}

export interface Commands {
  tool(name: 'pen' | 'eraser' | 'note' | 'hand'): void;
  picture(): void;
  undo(): void;
  redo(): void;
  colour(at: number): void;
  wider(steps: number): void;
  zoom(factor: number): void;
  ownSize(): void;
  fit(): void;
  pan(dx: number, dy: number): void;
  /** Writes a note in the middle of the window. */
  write(): void;
  space(down: boolean): void;
  save(): void;
  clear(): void;
  chat(): void;
  rings(): void;
  past(): void;
  help(): void;
}

const ROWS: readonly Row[] = [
  { keys: ['P'], does: 'Pen' },
  { keys: ['E'], does: 'Eraser' },
  { keys: ['T'], does: 'Text; on the board, Enter writes in the middle' },
  { keys: ['H'], does: 'Hand' },
  { keys: ['I'], does: 'Picture from a file; Ctrl V pastes one, or a text' },
  { keys: ['Shift', '1 to 8'], does: 'Colour' },
  { keys: ['[', ']'], does: 'Thinner, wider' },
  { keys: ['Ctrl', 'Z'], does: 'Undo' },
  { keys: ['Ctrl', 'Shift', 'Z'], does: 'Redo' },
  { keys: ['Space', 'drag'], does: 'Move the board; so do the arrows and the wheel' },
  { keys: ['Ctrl', 'wheel'], does: 'Zoom; so do + and \u2212' },
  { keys: ['0'], does: 'Own size' },
  { keys: ['1'], does: 'Everything' },
  { keys: ['S'], does: 'Save as a picture' },
  { keys: ['Delete'], does: 'Clear the board' },
  { keys: ['C'], does: 'Chat' },
  { keys: ['R'], does: 'Rings' },
  { keys: ['B'], does: 'History: the board before' },
  { keys: ['?'], does: 'This list' },
];

const ZOOM = 1.25;
/** Pixels that an arrow moves the board. */
const ARROW = 64;

export function attachKeys(commands: Commands): void {
  const plain: Record<string, () => void> = {
    p: () => commands.tool('pen'),
    e: () => commands.tool('eraser'),
    t: () => commands.tool('note'),
    h: () => commands.tool('hand'),
    i: () => commands.picture(),
    '[': () => commands.wider(-1),
    ']': () => commands.wider(1),
    '+': () => commands.zoom(ZOOM),
    '=': () => commands.zoom(ZOOM),
    '-': () => commands.zoom(1 / ZOOM),
    0: () => commands.ownSize(),
    1: () => commands.fit(),
    s: () => commands.save(),
    delete: () => commands.clear(),
    c: () => commands.chat(),
    r: () => commands.rings(),
    b: () => commands.past(),
    '?': () => commands.help(),
  };
  const onBoard: Record<string, () => void> = {
    arrowleft: () => commands.pan(ARROW, 0),
    arrowright: () => commands.pan(-ARROW, 0),
    arrowup: () => commands.pan(0, ARROW),
    arrowdown: () => commands.pan(0, -ARROW),
    enter: () => commands.write(),
  };

  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const key = event.key.toLowerCase();
    const free = !isControl(event.target);
    let command: (() => void) | undefined;
    if (event.ctrlKey || event.metaKey) {
      if (key === 'z') command = event.shiftKey ? commands.redo : commands.undo;
      else if (key === 'y') command = commands.redo;
      // Nothing on the board can be selected, and the words around it are no text.
      else if (key === 'a' && !isRead(event.target)) command = () => {};
    } else if (event.altKey) {
      return;
    } else if (event.shiftKey && /^Digit[1-8]$/.test(event.code)) {
      command = () => commands.colour(Number(event.code.slice(5)) - 1);
    } else if (event.key === ' ') {
      if (free) command = () => commands.space(true);
    } else {
      command = plain[key] ?? (free ? onBoard[key] : undefined);
    }
    if (!command) return;
    event.preventDefault();
    command();
  });
  addEventListener('keyup', ({ key }) => key === ' ' && commands.space(false));
}

/** Puts the list of keys into `list`. */
export function listKeys(list: HTMLElement): void {
  for (const { keys, does } of ROWS) {
    const term = document.createElement('dt');
    for (const key of keys) {
      const cap = document.createElement('kbd');
      cap.textContent = key;
      term.append(cap);
    }
    const what = document.createElement('dd');
    what.textContent = does;
    list.append(term, what);
  }
}

/** Whether keys are for the text that is written there. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !['range', 'color', 'radio', 'checkbox', 'button'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Whether what is there is a text to be read, and perhaps copied. */
function isRead(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('.panel') !== null;
}

/** Whether space, enter and arrows are for the thing itself. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, input, a, summary, select, [tabindex]:not(canvas)') !== null;
}
