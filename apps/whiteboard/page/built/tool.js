// What a pointer can be on the board.
export const TOOLS = ['pen', 'eraser', 'note', 'hand'];
