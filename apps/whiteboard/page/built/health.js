// What the server says of itself.
/** No answer within this is none. */
const PATIENCE = 4000;
/** Asks the server; what it throws has a message for people. */
export async function ask() {
    let answer;
    try {
        answer = await fetch('/health', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    }
    catch {
        throw new Error('No answer from the server.');
    }
    if (!answer.ok)
        throw new Error(`The server does not tell: it answers ${answer.status}.`);
    return (await answer.json());
}
/** The words for a pressure between 0 and 1, as the server has them. */
export function level(pressure) {
    if (pressure < 0.5)
        return 'excellent';
    if (pressure < 0.8)
        return 'good';
    return pressure < 0.9 ? 'warning' : 'critical';
}
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
/** 12,345 */
export function count(value) {
    return WHOLE.format(value);
}
/** 0.034 -> 3 %, and what is little but not nothing is below 1 %. */
export function percent(part) {
    return part > 0 && part < 0.01 ? '<1 %' : `${Math.round(part * 100)} %`;
}
/** 1536 -> 1.5 KiB */
export function size(bytes) {
    const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
    const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
    const value = bytes / 2 ** (10 * step);
    return `${value < 10 && step > 0 ? value.toFixed(1) : WHOLE.format(value)} ${units[step]}`;
}
