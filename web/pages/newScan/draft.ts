import { signal } from '@preact/signals';
import { type Options, USUAL } from './request.ts';

/** What is being written; it stays when somebody looks at another page in between. */
export const draftText = signal('');
export const draftOptions = signal<Options>(USUAL);
