// What this browser remembers. Where it may not, everything works for as long as the page is open.

const PREFIX = 'whiteboard.';

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Full or forbidden: then it is forgotten.
  }
}
