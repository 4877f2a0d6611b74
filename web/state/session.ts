import { signal } from '@preact/signals';

export interface Who {
  id: string;
  username: string;
  admin: boolean;
}

/** Who is logged in; `null`: nobody; `undefined`: not known yet. */
export const session = signal<Who | null | undefined>(undefined);
/** Why somebody has to log in again. */
export const farewell = signal<string>();

export function sessionEnded(): void {
  if (session.peek()) farewell.value = 'Your session has ended. Log in again to go on where you were.';
  session.value = null;
}
