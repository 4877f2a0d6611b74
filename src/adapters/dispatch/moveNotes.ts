/** Where tasks went whose name does not lead to the planned address any more; see jobs/moves.ts. */

/** What moves have made of one address of a submission. */
export interface MoveNote {
  /** Of an address that gets tasks in the place of another one: that one, and which parts of its ports. */
  from?: string;
  parts?: readonly number[];
  /** Names that lead to it without being planned for it, and have no other task: it must not be dropped for lack of names. */
  names?: readonly string[];
  /** Of a planned address: the parts whose tasks were dropped because no name led to it. */
  gone?: readonly number[];
  /** Of a planned address: where the tasks of its names went. */
  to?: Readonly<Record<string, string>>;
}

/** An address that gets tasks in the place of another one. */
export interface Move {
  from: string;
  parts: readonly number[];
  names: readonly string[];
}

export function parseMoveNote(text: string | undefined): MoveNote {
  return text === undefined ? {} : (JSON.parse(text) as MoveNote);
}

/** undefined: the address gets no task in the place of another one. */
export function moveOf({ from, parts = [], names = [] }: MoveNote): Move | undefined {
  return from === undefined ? undefined : { from, parts, names };
}
