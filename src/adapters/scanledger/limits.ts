/** How much is taken of a ScanLedger that is broken or means harm. All of it lies far above what a sound one sends. */

const MB = 2 ** 20;

/** Of each answer. */
export interface AnswerLimits {
  connectMs: number;
  /** From sending a request to the last byte of its answer. */
  answerMs: number;
  /** Of one answer. A host that shows all its 65,535 ports open takes some 10 MB. */
  answerBytes: number;
  /** Of all answers that one client reads at the same time. */
  heldBytes: number;
  /** Of an answer of which nothing but the status counts. */
  errorBytes: number;
  /** Lists and objects of one answer. */
  nested: number;
  /** Values of one answer. */
  values: number;
}

/** Of reading the hosts of a project. */
export interface PageLimits {
  /** Asked for at once; fewer when they are too long for one answer. */
  pageHosts: number;
  /** So many pages in a row may be like the one before: pages shift while somebody writes. */
  samePages: number;
  /** A million of them is nothing special. */
  projectHosts: number;
  /** Two seconds for each page of so many hosts, and then some. */
  readMs: number;
}

const ANSWER: AnswerLimits = {
  connectMs: 10_000,
  answerMs: 30_000,
  answerBytes: 64 * MB,
  heldBytes: 256 * MB,
  errorBytes: 4_096,
  nested: 1_000_000,
  values: 5_000_000,
};

export const LEDGER_LIMITS: AnswerLimits & PageLimits = {
  ...ANSWER,
  pageHosts: 1_000,
  samePages: 3,
  projectHosts: 10_000_000,
  readMs: 6 * 3_600_000,
};

/** For users and projects: many log in at once, and their answers are short. */
export const USERS_LIMITS: AnswerLimits = { ...ANSWER, answerBytes: 8 * MB, heldBytes: 64 * MB };
