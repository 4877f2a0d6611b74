/** The names of all keys that are Tasker's alone. CONTRACT keys shared with the workers are in workers/keys.ts. */
import type { SubmissionKind } from '../../model/submission.ts';

/** All of them begin with this. */
export const KEY_PREFIX = 'tasker';

/** What belongs to a project is at this prefix, its id and the rest. */
export const PROJECT_PREFIX = `${KEY_PREFIX}:project:`;

/** A submission's facts are at this prefix and its id. */
export const FACTS_PREFIX = `${KEY_PREFIX}:submission:`;

/** In a submission's `lookups`: what holds for each name that has no field of its own. No name is written so. */
export const EVERY_NAME = '*';

/** What is kept of one submission. Everything here grows with entries and names, never with addresses. */
export function submissionKeys(id: string) {
  const base = `${FACTS_PREFIX}${id}`;
  return {
    /** hash: who, what, state and numbers */
    facts: base,
    /** string: the distinct entries as typed, one line each; see placedEntries.ts */
    entries: `${base}:entries`,
    /** string: JSON of the entries that were skipped, if there are any */
    invalid: `${base}:invalid`,
    /** string: the address set of all addresses and networks */
    expanded: `${base}:expanded`,
    /** hash chunk number -> JSON list of names */
    names: `${base}:names`,
    /** hash chunk number -> JSON object name -> addresses, or the kind of failure */
    resolved: `${base}:resolved`,
    /** hash chunk number -> addresses of its names beside one for each; `total`: of all that were resolved */
    moreAddresses: `${base}:more-addresses`,
    /** string: the address set that will be scanned */
    accepted: `${base}:accepted`,
    /** string: the address set that the plan of this scan came to */
    planned: `${base}:planned`,
    /** hash refusal reason -> address set */
    refused: `${base}:refused`,
    /** hash address -> JSON list of its host names */
    hostnames: `${base}:hostnames`,
    /** string: JSON list of how many each rule refused */
    refusedRows: `${base}:refused-rows`,
    /** string: JSON list of what the request itself excludes */
    exclude: `${base}:exclude`,
    /** string: JSON list of what somebody took out of the scan later; see LaterStore */
    later: `${base}:later`,
    /** hash source -> JSON list of warnings */
    warnings: `${base}:warnings`,
    /** string: JSON: the hashes of the scope rules it was planned under, its own, and what their names came to */
    rules: `${base}:rules`,
    /** hash name, or {@link EVERY_NAME} -> JSON: until when its look-up counts; what it came to when it was looked up again */
    lookups: `${base}:lookups`,
    /** hash batch -> JSON list of what was left out when it was sent, and why */
    dropped: `${base}:dropped`,
    /** hash address -> JSON: what moves have made of it; see moveNotes.ts */
    moved: `${base}:moved`,
    /** hash batch -> when the first of it was sent, ISO 8601 */
    sentAt: `${base}:sent-at`,
    /** string: the address set of those whose tasks a stop took back after they had been sent */
    takenBack: `${base}:taken-back`,
    /** string: JSON list of the names that did not resolve */
    unresolvable: `${base}:unresolvable`,
    /** hash: by lane, how many of its tasks are tracked (`t0`) and sent (`s0`) */
    lanes: `${base}:lanes`,
    /** set: ids of the tasks that were tracked, until it is seen that they are out no more; see TaskTimes */
    out: `${base}:out`,
    /** hash task id -> JSON [address, which part of the ports]: was sent and taken back, and is to be sent again */
    again: `${base}:again`,
    /** hash task id -> JSON [address, which part of the ports, starts]: was begun again and again, and never ended */
    failed: `${base}:failed`,
    /** hash batch -> the task ids that have arrived, until the batch is marked */
    taken: `${base}:taken`,
    /** list of JSON [epoch seconds, done, remaining]: how it went, oldest first; see ScanHistoryStore */
    history: `${base}:history`,
  };
}

export function projectKeys(project: string) {
  const base = `${PROJECT_PREFIX}${project}`;
  return {
    /** set: ids of the submissions that are neither done nor stopped */
    open: `${base}:open`,
    /** sorted set submission id -> epoch milliseconds of its beginning: all scans of which something is kept */
    submissions: `${base}:submissions`,
    /** set: ids of the plans that are still being made, or failed */
    openPlans: `${base}:open-plans`,
    /** sorted set plan id -> epoch milliseconds of its beginning: all plans of which something is kept */
    plans: `${base}:plans`,
    /** hash submission id -> canonical ports, or their hash; see shortPorts.ts: whose accepted sets are held */
    reservations: `${base}:reservations`,
    /** counter: grows with every reservation, so that dedup notices one made since it read */
    version: `${base}:version`,
    /** set: ids of the users whose tasks may be out */
    users: `${base}:users`,
    /** hash normal form -> JSON: what the project leaves out of every scan */
    exclusions: `${base}:exclusions`,
    /** hash receipt -> JSON: what became of what new exclusions are about; see ReceiptStore */
    receipts: `${base}:receipts`,
    /** counter: grows with every change of the exclusions */
    exclusionsVersion: `${base}:exclusions-version`,
    /** hash: how its tasks are sent: `weight`; `paused`: JSON, who paused it and why */
    dispatch: `${base}:dispatch`,
    /** sorted set submission -> epoch seconds at which it took a turn last; see TurnStore */
    senders: `${base}:senders`,
    /** string: seconds that a task of it took lately; see TaskTimes */
    taskSeconds: `${base}:task-seconds`,
    /** stream: what people did with the project; see audit.ts */
    audit: `${base}:audit`,
    /** stream: what has happened in it, for programs; see EventStore */
    events: `${base}:events`,
    /** hash webhook -> JSON: whom to call of what happens; see WebhookStore */
    webhooks: `${base}:webhooks`,
    /** hash webhook -> JSON: up to which event it was called, and how that went */
    webhookStates: `${base}:webhook-states`,
    /** string: whoever runs the stop of the project at this moment */
    stopLock: `${base}:stop-lock`,
    /** string: the submission that the same request, sent again, joins */
    inFlight: (requestHash: string) => `${base}:in-flight:${requestHash}`,
  };
}

/** Where a project's scans stand, or its plans: those that have not ended, and all of which something is kept. */
export function listKeys(project: string, kind: SubmissionKind): { open: string; list: string } {
  const { open, submissions, openPlans, plans } = projectKeys(project);
  return kind === 'plan' ? { open: openPlans, list: plans } : { open, list: submissions };
}

/** Sorted set project -> epoch milliseconds of its newest scan: those of which scans are kept. */
export const PROJECTS_KEY = `${KEY_PREFIX}:projects`;

/**
 * Sorted set project -> epoch milliseconds: stops that are not finished. Nothing of such a project is sent, and
 * housekeeping finishes them when whoever began could not.
 */
export const STOPS_KEY = `${KEY_PREFIX}:stops`;

/** Stream: what people did, in all projects; see audit.ts. */
export const AUDIT_KEY = `${KEY_PREFIX}:audit`;

/** Hash project -> counter: something has happened there that its webhooks may not have heard of; see WebhookStore. */
export const WEBHOOKS_DUE_KEY = `${KEY_PREFIX}:webhooks-due`;

/** Hash submission -> JSON {project, count, listed}: dead letters of which no event tells yet; see AgainStore. */
export const DEAD_TO_TELL_KEY = `${KEY_PREFIX}:dead-to-tell`;

/** Hash plan -> project: plans that somebody deleted or stopped, until nothing of them is left. */
export const ENDING_PLANS_KEY = `${KEY_PREFIX}:ending-plans`;

/** String: JSON of scope rules that submissions share, by the hash of their content; see RuleStore. */
export function rulesKey(hash: string): string {
  return `${KEY_PREFIX}:rules:${hash}`;
}

/** Hash submission -> project: all that have not ended, plans too. Housekeeping looks whether their flows are there. */
export const OPEN_KEY = `${KEY_PREFIX}:open`;

/** Hash submission -> project: scans that have ended, and of which tasks may be out; see FollowStore. */
export const UNFINISHED_KEY = `${KEY_PREFIX}:unfinished`;

/** Hash: since when tasks are missing by number, when it was looked last which, and those that it did not find; see LostStore. */
export const MISSING_KEY = `${KEY_PREFIX}:missing`;

/** Hash task id -> JSON: tasks of stopped scans that a worker may have in hand; see RecallStore. */
export const RECALLS_KEY = `${KEY_PREFIX}:recalls`;

/** Hash host of a worker -> pings in a row that it did not answer; see WorkerPresence. */
export const UNANSWERED_PINGS_KEY = `${KEY_PREFIX}:unanswered-pings`;

/** Hash project -> ISO time since when the users' store does not know it: nothing of it is sent. */
export const UNKNOWN_PROJECTS_KEY = `${KEY_PREFIX}:unknown-projects`;

/** Counter: messages that were published, without those that were taken out of the queue again; see WindowStore. */
export const PUBLISHED_KEY = `${KEY_PREFIX}:published`;

/** Hash `<event>:<priority>` -> how many tasks; see taskCounts.ts. */
export const TASK_COUNTS_KEY = `${KEY_PREFIX}:task-counts`;

/** Hash sample -> number: what the jobs processes have counted; see MetricStore. */
export const METRICS_KEY = `${KEY_PREFIX}:metrics`;

/** Hash process -> JSON: the jobs processes that live; see MetricStore. */
export const PROCESSES_KEY = `${KEY_PREFIX}:processes`;

/** Hash: what the window last was, and the numbers it follows from; see WindowStore. */
export const WINDOW_KEY = `${KEY_PREFIX}:window`;

/** Hash project, or `*` -> version: new exclusions that are to be applied to what is out; see keepOut.ts. */
export const RULES_TO_APPLY_KEY = `${KEY_PREFIX}:rules-to-apply`;

/** Hash receipt -> project: something that its exclusions are about is still out; see ReceiptStore. */
export const OPEN_RECEIPTS_KEY = `${KEY_PREFIX}:open-receipts`;

/** String: hash of the rules of the installation that were applied last to what is out. */
export const INSTALLATION_RULES_KEY = `${KEY_PREFIX}:installation-rules`;

/** Hash submission -> JSON {project, running}: cancelled, and tasks of it may be out; see flows/stop/cancel.ts. */
export const CANCELS_KEY = `${KEY_PREFIX}:cancels`;

/** String: JSON: who paused the whole installation, and why; see PauseStore. */
export const PAUSED_KEY = `${KEY_PREFIX}:paused`;

/** Hash what is paused -> JSON: whose tasks are still to be taken out of RabbitMQ; see PauseStore. */
export const PAUSES_KEY = `${KEY_PREFIX}:pauses`;

/** String: epoch seconds at which it was looked last what runs; see TaskTimes. */
export const TASK_TIMES_AT_KEY = `${KEY_PREFIX}:task-times-at`;

/** Hash project -> seconds of workers that it had in this minute (of epoch time); see TaskTimes. */
export function usageKey(minute: number | ''): string {
  return `${KEY_PREFIX}:usage:${minute}`;
}

/** Hash task id -> host of the worker that has it in hand; see EndedStore. */
export const AT_WORK_KEY = `${KEY_PREFIX}:at-work`;

/** Hash host of a worker -> tasks that it ended in this minute (of epoch time); see EndedStore. */
export function endedKey(minute: number | ''): string {
  return `${KEY_PREFIX}:ended:${minute}`;
}

/** List of JSON: how the dispatch went in the last hour, oldest first; see HistoryStore. */
export const DISPATCH_HISTORY_KEY = `${KEY_PREFIX}:dispatch-history`;

/** Hash task id -> when which workers began it; see StartStore. */
export const STARTS_KEY = `${KEY_PREFIX}:starts`;

/** string: somebody has limited how many tasks a network gets, so all are noted by network */
export const LIMITED_KEY = `${KEY_PREFIX}:limited`;

/** sorted set `4:<address in hex>:<task id>`, by the text: the tasks that are out; see networkLimits.ts */
export const NETWORK_TASKS_KEY = `${KEY_PREFIX}:network-tasks`;

/** The same of those that were sent within the last minute. */
export const NETWORK_STARTS_KEY = `${KEY_PREFIX}:network-starts`;

/** sorted set: the same -> epoch milliseconds */
export const NETWORK_STARTS_AT_KEY = `${NETWORK_STARTS_KEY}-at`;

/** set: submissions of which a limit keeps something from being sent */
export const LIMIT_WAITS_KEY = `${KEY_PREFIX}:limit-waits`;

/** Hash priority -> virtual time; see TurnStore. */
export const TURNS_KEY = `${KEY_PREFIX}:turns`;

/** Sorted set project or submission -> virtual time at which all that it was given in a priority ends; see TurnStore. */
export function turnTagsKey(priority: number | ''): string {
  return `${TURNS_KEY}:${priority}`;
}

/** Hash submission and lane -> priority and charge of its part in line; see TurnStore. */
export const TURN_CHARGES_KEY = `${TURNS_KEY}:charges`;

/** String: a token that only the browser of the session can read; see SessionStore. */
export function sessionKey(name: string): string {
  return `${KEY_PREFIX}:session:${name}`;
}

/** String: the same of a link that logs a browser in. */
export function loginLinkKey(name: string): string {
  return `${KEY_PREFIX}:login-link:${name}`;
}

/** Sorted set key of a session or a link -> epoch milliseconds of its end: those of one user. */
export function sessionsOfKey(user: string): string {
  return `${KEY_PREFIX}:sessions-of:${user}`;
}

/** Channel on which every process learns what happened to a submission: `<event> <id>`. */
export const SUBMISSION_CHANNEL = `${KEY_PREFIX}:submissions`;

/** Two hashes field -> `<epoch milliseconds of its end> <value>`: what DNS said, for as long as it may be believed. */
export function dnsCacheKeys(servers: string) {
  const base = `${KEY_PREFIX}:dns:${servers}`;
  return { young: `${base}:young`, old: `${base}:old` };
}
