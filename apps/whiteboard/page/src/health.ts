// What the server says of itself.

import { at } from './base.js';

export interface Health {
  /** `excellent`, `good`, `warning` or `critical` by the fullest pool; another word when something is wrong. */
  status: string;
  /** Why nothing is saved now, if so. */
  reason?: string | null;
  pools: Pool[];
  stages: Stage[];
  /** The stages in the language of Graphviz. */
  dot: string;
  /** Events that validation rejected. */
  bad: number;
  /** Moments that went to nobody: their pool was full, or their page over its bounds. */
  dropped: number;
  /** What slow pages were not sent live. */
  missed: { actions: number; moments: number };
  /** Connections. */
  clients: number;
  /** The interval of moments that pages are asked to keep, in milliseconds. */
  pace?: number;
  store: Store;
}

export interface Store {
  revision: number;
  actions: number | null;
  bytes?: number;
  max?: number;
  full?: boolean;
  /** Actions that were found damaged, and are shown to nobody. */
  damaged?: number;
}

export interface Pool {
  id: string;
  /** Bytes. */
  slot: number;
  capacity: number;
  /** Since the start. */
  published: number;
  /** In the last second. */
  rate: number;
  /** From 0 to 1. */
  pressure: number;
  /** Of each of the last seconds, at most sixty, the oldest first. */
  history: { rate: number[]; pressure: number[] };
  readers: Reader[];
}

export interface Reader {
  name: string;
  lag: number;
  lost: number;
}

export interface Stage {
  name: string;
  after: string[];
  lag: number;
  rate: number;
  pools: Record<string, number>;
}

/** No answer within this is none. */
const PATIENCE = 4000;

/** Asks the server; what it throws has a message for people. */
export async function ask(): Promise<Health> {
  let answer: Response;
  try {
    answer = await fetch(at('health'), { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Error('No answer from the server.');
  }
  // A server that cannot save says so by its status, and how it is all the same.
  const told = answer.ok || (answer.status === 503 && answer.headers.get('content-type') === 'application/json');
  if (!told) throw new Error(`The server does not tell: it answers ${answer.status}.`);
  return (await answer.json()) as Health;
}

const LEVELS = ['excellent', 'good', 'warning', 'critical'];

/** The word for a pressure between 0 and 1, as the server has it. */
export function level(pressure: number): string {
  return LEVELS[[0.5, 0.8, 0.9].filter((from) => pressure >= from).length]!;
}

/** The highest pressure of the last second, or of now: a full ring is not full for long. */
export function peak({ pressure, history }: Pool): number {
  return Math.max(pressure, history.pressure.at(-1) ?? 0);
}

/** How the whole was in the last second: the server's word, or that for the highest pressure if it is worse. */
export function overall({ status, store, pools }: Health): string {
  if (!LEVELS.includes(status)) return status;
  if (store.full) return 'full';
  const highest = level(largest(pools.map(peak)));
  return LEVELS.indexOf(highest) > LEVELS.indexOf(status) ? highest : status;
}

/** The largest of these, however many they are; none is below 0. */
export function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
}

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 12,345 */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** 0.034 -> 3 %, and what is little but not nothing is below 1 %. */
export function percent(part: number): string {
  return part > 0 && part < 0.01 ? '<1 %' : `${Math.round(part * 100)} %`;
}

/** 1536 -> 1.5 KiB */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * step);
  return `${value < 10 && step > 0 ? value.toFixed(1) : WHOLE.format(value)} ${units[step]}`;
}
