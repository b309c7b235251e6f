// What this browser remembers. Where it may not, everything works for as long as the page is open.
const PREFIX = 'whiteboard.';
export function recall(name) {
    try {
        return localStorage.getItem(PREFIX + name);
    }
    catch {
        return null;
    }
}
export function remember(name, value) {
    try {
        localStorage.setItem(PREFIX + name, value);
    }
    catch {
        // Full or forbidden: then it is forgotten.
    }
}
