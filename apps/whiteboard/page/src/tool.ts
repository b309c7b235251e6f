// What a pointer can be on the board.

/** A place on the board or beside it, such that the wire keeps it, and how hard the pointer presses there (1 to 255, 128 is normal). */
export interface Place {
  x: number;
  y: number;
  pressure: number;
}

/** One gesture after another: `begin`, `extend` as often as it takes, then `end`, or `cancel` as if it had not been. */
export interface Tool {
  /** `unsure`: a finger, of which it is not known yet whether it is the first of two. */
  begin(place: Place, unsure: boolean): void;
  extend(places: readonly Place[]): void;
  end(): void;
  cancel(): void;
}

export const TOOLS = ['pen', 'eraser', 'note', 'hand'] as const;
export type ToolName = (typeof TOOLS)[number];
