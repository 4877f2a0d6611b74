/**
 * Every code that an answer from 400 up has beside its `detail`. Codes are for programs and stay what they are; the
 * OpenAPI document and docs/errors.md are made from this table.
 */

interface CodeRow {
  status: number;
  /** What has happened, as a sentence. */
  meaning: string;
  /** What the caller does about it, as a sentence. */
  advice: string;
  /** What it always says. */
  detail?: string;
  /** What one of its answers says; 422 lists validation errors instead. */
  example?: string;
}

export const ERROR_CODES = {
  ambiguous_request: {
    status: 400,
    meaning: 'A header that counts is missing or is there more than once.',
    advice: 'Send each header once.',
    example: 'The header host is there more than once',
  },
  bad_request: {
    status: 400,
    meaning: 'The path or a header cannot be read.',
    advice: 'Check how the path is encoded.',
    detail: 'Bad Request',
  },
  unreadable_body: {
    status: 400,
    meaning: 'The body cannot be unpacked, or it ends in the middle.',
    advice: 'Send it again, as a whole.',
    example: 'The body cannot be read: incorrect header check',
  },
  invalid_credentials: {
    status: 401,
    meaning: 'The token is missing, wrong or expired, or the project is not one of yours.',
    advice: 'Check the token and the project.',
    detail: 'Invalid authentication credentials',
  },
  admins_only: {
    status: 403,
    meaning: 'Only admins may ask this.',
    advice: 'Ask an admin.',
    example: 'The audit trail of the installation is for admins',
  },
  board_action_refused: {
    status: 403,
    meaning: 'The board does not do this: it would break a flow, or the call comes from another site.',
    advice: 'Retry, pause and resume are possible. To end a scan, call stop-nmap.',
    example: 'only a failed job can be retried',
  },
  cross_site: {
    status: 403,
    meaning: 'The call has the cookie of a session, and comes from a page of another site.',
    advice: 'Call from the console, or show the token in `Authorization`.',
    detail: 'A session counts only for calls from a page of this server',
  },
  exclusion_locked: {
    status: 403,
    meaning: 'An admin made the exclusion, or it is locked. Nothing was changed.',
    advice: 'Ask an admin, or leave the named exclusions as they are.',
    example:
      'what an admin excluded, or what is locked, only an admin ends or changes: 203.0.113.0/28 (admin); nothing was changed',
  },
  unknown_path: {
    status: 404,
    meaning: 'There is no such path.',
    advice: 'Compare it with the API docs; letter case counts.',
    detail: 'Not Found',
  },
  unknown_plan: {
    status: 404,
    meaning: 'The project has no such plan, has it no more, or it is not made yet.',
    advice: 'List the plans of the project; a plan goes 24 hours after it was made.',
    detail: 'Plan not found',
  },
  unknown_project: {
    status: 404,
    meaning: 'There is no such project. Only admins learn that; others get `invalid_credentials`.',
    advice: 'Check the id.',
    detail: 'Project not found',
  },
  unknown_receipt: {
    status: 404,
    meaning:
      'The project has no receipt of this id, or has it no more. `installation`: the list has not changed while the project had something open.',
    advice: 'List the exclusions of the project: `id` names the receipt.',
    detail: 'Receipt not found',
  },
  unknown_submission: {
    status: 404,
    meaning: 'The project has no such submission, or has it no more.',
    advice: 'List the submissions of the project; one goes 24 hours after its end.',
    detail: 'Submission not found',
  },
  method_not_allowed: {
    status: 405,
    meaning: 'The path does not take this method.',
    advice: 'Take one that the header `Allow` names.',
    detail: 'Method Not Allowed',
  },
  body_too_slow: {
    status: 408,
    meaning: 'The body stopped coming.',
    advice: 'Send it again.',
    example: 'Nothing of the body came for 30 s',
  },
  plan_stopped: {
    status: 409,
    meaning: 'Somebody stopped or deleted the plan before it was made.',
    advice: 'Ask for it again if you still want it.',
    detail: 'Somebody stopped or deleted the plan before it was made',
  },
  scan_stopped: {
    status: 409,
    meaning: 'Somebody stopped the scan while you waited for the answer.',
    advice: 'Send it again if you still want it.',
    detail: 'The submission was stopped',
  },
  submission_ended: {
    status: 409,
    meaning: 'The submission is done or stopped: nothing of it is left to be changed.',
    advice: 'Send the request again if you want it scanned once more.',
    example: 'The submission is done: nothing of it is left to be sent',
  },
  body_too_dense: {
    status: 413,
    meaning: 'The body unpacks to more than a hundred times its size.',
    advice: 'Send it unpacked, or in parts.',
    detail: 'The body unpacks to more than 100 times its size: send it unpacked, or in parts',
  },
  body_too_large: {
    status: 413,
    meaning: 'The body is larger than the limit that `detail` names.',
    advice: 'Send it in parts, or write networks in the place of many addresses.',
    example: 'The body is larger than the limit of 33554432 bytes (MAX_BODY)',
  },
  unsupported_encoding: {
    status: 415,
    meaning: 'The body is packed in a way that Tasker does not know.',
    advice: 'Send gzip, deflate, br or none.',
    detail: 'The body cannot be read: unsupported content encoding: send gzip, deflate, br or none',
  },
  invalid_entry: {
    status: 422,
    meaning: 'Entries of `hosts` or `exclude` cannot be read, and nothing else is wrong.',
    advice: 'Correct the entries that `detail` lists; `on_invalid: "skip"` leaves those of `hosts` out.',
  },
  invalid_json: {
    status: 422,
    meaning: 'The body is not JSON in UTF-8.',
    advice: 'Correct it at the position that `detail` names.',
  },
  invalid_request: {
    status: 422,
    meaning: 'Fields, parameters or the project id are not valid.',
    advice: 'Correct everything that `detail` lists.',
  },
  scope_changed: {
    status: 422,
    meaning: 'The scope rules have changed since the plan was made.',
    advice: 'Make a new plan; `detail` says what has changed.',
  },
  scope_refused: {
    status: 422,
    meaning: 'A scope rule, or a limit that the names exceed, refuses the whole request.',
    advice: 'Do what `detail` says about the rule that it names, and send the request again.',
  },
  quota_exceeded: {
    status: 429,
    meaning: 'The project, or you in all projects, has as many open scans, plans or stored MB as may be.',
    advice: 'Wait, or end something: `detail` says what.',
    example:
      'the project has 500 open scans and plans, and 500 is the limit (MAX_OPEN_SUBMISSIONS): wait until some have ended',
  },
  too_many_exclusions: {
    status: 429,
    meaning: 'The project would have more exclusions than may be. Nothing was changed.',
    advice: 'Remove some, or write networks and `*.domain` in the place of many entries.',
    example: 'a project has 20000 exclusions at most (MAX_EXCLUSIONS): remove some',
  },
  too_many_logins: {
    status: 429,
    meaning: 'Too many wrong tokens came from your address, or you asked for too many projects of others.',
    advice: 'Wait for the seconds that `Retry-After` names.',
    example: 'Too many failed logins: try again in 42 s',
  },
  internal_error: {
    status: 500,
    meaning: 'A defect of Tasker.',
    advice: 'Report it with the line of the log that `request_id` names.',
    detail: 'Internal Server Error',
  },
  answer_room_full: {
    status: 503,
    meaning: 'Long answers are being read by others, or by you.',
    advice: 'Read them to the end, or try again after `Retry-After`.',
    detail: 'Long answers are being read by others, or by you: read them to the end, or try again in 5 s',
  },
  auth_store_away: {
    status: 503,
    meaning: 'PostgreSQL or ScanLedger, where the users are kept, does not answer.',
    advice: 'Try again after `Retry-After`.',
    detail: 'the auth store does not answer',
  },
  body_room_full: {
    status: 503,
    meaning: 'Too many large bodies are being read.',
    advice: 'Try again after `Retry-After`.',
    detail: 'Too many large bodies are being read (MAX_BODY_TOTAL): try again in 5 s',
  },
  busy: {
    status: 503,
    meaning: 'The same is under way already and takes its time, or others change the same.',
    advice: 'Ask again after `Retry-After`; what is under way goes on by itself.',
    example: 'another stop of the project is under way and not finished yet: ask again',
  },
  dns_away: {
    status: 503,
    meaning: 'No name server answers.',
    advice: 'Try again after `Retry-After`.',
    example: 'dns does not answer: no server answers',
  },
  exclusions_file_unreadable: {
    status: 503,
    meaning: 'The file of exclusions cannot be read, so nothing is taken in.',
    advice: 'Ask the operator to mend EXCLUDED_HOSTS_FILE, then send the request again.',
    example: 'exclusions file does not answer: EXCLUDED_HOSTS_FILE cannot be read',
  },
  ledger_away: {
    status: 503,
    meaning: 'ScanLedger does not answer.',
    advice: 'Try again after `Retry-After`.',
    example: 'ledger does not answer: connection refused',
  },
  not_ready: {
    status: 503,
    meaning: 'Something is away that Tasker needs; `services` says what.',
    advice: 'Ask again; send no work until then.',
    detail: 'Not ready',
  },
  planning_full: {
    status: 503,
    meaning: 'As many scan requests are being planned as may be, or your half of them.',
    advice: 'Send it again after `Retry-After`.',
    example: '80 scan requests are being planned (MAX_PLANNING): try again in 2 s',
  },
  rabbitmq_away: {
    status: 503,
    meaning: 'RabbitMQ does not answer. A stop has begun then, and goes on by itself.',
    advice: 'Ask again after `Retry-After`.',
    example: 'RabbitMQ is away: connection refused',
  },
  redis_away: {
    status: 503,
    meaning: 'Redis does not answer, or takes no writes.',
    advice: 'Send it again after `Retry-After`.',
    example: 'redis does not answer within 1000 ms',
  },
  stage_gave_up: {
    status: 503,
    meaning: 'A stage of the flow gave up. The work is kept and waits for a retry.',
    advice: 'Remove the cause that `detail` names, and send the same request again.',
    example: 'dedup gave up: the ledger refuses the token; the submission waits for a retry',
  },
  too_many_streams: {
    status: 503,
    meaning: 'As many streams of events are open as may be, or your half of them.',
    advice: 'Close some, or ask for the lists again and again.',
    detail: 'Too many streams of events are open: close some, or ask again',
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

export type ErrorCode = keyof typeof ERROR_CODES;
export type ErrorStatus = (typeof ERROR_CODES)[ErrorCode]['status'];

/** Those that say the same always. */
export type PlainCode = {
  [Code in ErrorCode]: (typeof ERROR_CODES)[Code] extends { detail: string } ? Code : never;
}[ErrorCode];

/** The row of a code, whatever it has. */
export function errorRow(code: ErrorCode): CodeRow & { status: ErrorStatus } {
  return ERROR_CODES[code];
}
