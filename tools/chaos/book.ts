/** What the users of a run asked for, and what was answered. Times are epoch milliseconds. */

/** A scan request that was sent, whatever came of it. Its ports belong to it alone. */
interface Request {
  project: string;
  ports: string;
  /** The first time that it was sent. */
  askedAtMs: number;
}

/** A scan request that was answered with 2xx. */
export interface Accepted extends Request {
  submission: string;
  /** The accepted targets; undefined: the answer came before they were known. */
  ips: readonly string[] | undefined;
  /** When the last of its tasks had ended, says Tasker; undefined: it does not, or was not asked yet. */
  finishedAtMs?: number;
}

/** Something that keeps targets from being scanned. */
export interface Ban {
  kind: 'excluded' | 'cancelled' | 'stopped';
  project: string;
  /** Of what is cancelled. */
  submission?: string;
  /** What is excluded. */
  ips?: readonly string[];
  /** The first time that it was asked for. */
  askedAtMs: number;
  /** undefined: never with 2xx, so it may hold or not. */
  answeredAtMs: number | undefined;
  /** The answer is that it is done when RabbitMQ is back. */
  follows?: boolean;
}

export const VICTIMS = ['api', 'jobs', 'redis', 'rabbitmq', 'workers'] as const;
export type VictimKind = (typeof VICTIMS)[number];

export interface Kill {
  kind: VictimKind;
  name: string;
  /** 0: of a server. */
  pid: number;
  atMs: number;
  /** undefined: not up again yet. */
  backAtMs: number | undefined;
}

export interface Book {
  requests: Request[];
  accepted: Accepted[];
  bans: Ban[];
  kills: Kill[];
  /** How often a user did what. */
  actions: Map<string, number>;
  /** Requests without an answer, or with a 5xx. */
  unanswered: number;
}

export function newBook(): Book {
  return { requests: [], accepted: [], bans: [], kills: [], actions: new Map(), unanswered: 0 };
}
