/** How a command ends. docs/cli.md explains them; scripts rely on the numbers. */
export const EXIT = {
  done: 0,
  defect: 1,
  usage: 2,
  unreachable: 3,
  notAllowed: 4,
  certificate: 5,
  refused: 6,
  busy: 7,
  scanFailed: 8,
  toChange: 9,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command. The message says what to do, in one line; empty: all is said already. */
export class Exit extends Error {
  override readonly name = 'Exit';

  /**
   * @param details lines that come before the message
   * @param answer what the API said, for programs
   */
  constructor(
    readonly code: ExitCode,
    message = '',
    readonly details: readonly string[] = [],
    readonly answer?: unknown,
  ) {
    super(message);
  }
}

/** Something is wrong with the command as it was typed, or with a file that it names. */
export function usage(message: string): Exit {
  return new Exit(EXIT.usage, message);
}
