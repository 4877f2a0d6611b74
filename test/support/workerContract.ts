/** What a worker may write into Redis and what falcli reads of it, as strict as they are. */
import Joi from 'joi';

const epochSeconds = Joi.number().integer().min(1_000_000_000).max(9_999_999_999).required();
const text = Joi.string().required();

const target = {
  ip: text,
  hostnames: Joi.array().items(Joi.string()).required(),
  worker: text,
  started_at: epochSeconds,
};

/** The JSON in `running:task:{T}:host:{HOST}`. */
export const runningEntry = Joi.object(target).required();

/** The fields of `worker:{HOST}`: texts, as Redis has no others. */
export const workerHash = Joi.object({
  ip: text,
  last_updated: Joi.string().pattern(/^\d{10}$/),
  last_seen: Joi.string().pattern(/^\d{10}$/),
}).required();

/** The fields of `running_tool:nmap:{HOST}`: task id -> pid. */
export const runningTools = Joi.object()
  .pattern(Joi.string().guid(), Joi.string().pattern(/^\d+$/))
  .required();

/** The answer of status. 0 stands for a moment that is unknown; anything but an integer ends falcli. */
export const statusAnswer = Joi.object({
  active_or_queued: Joi.number().integer().min(0).required(),
  running: Joi.number().integer().min(0).required(),
  running_targets: Joi.array()
    .items(Joi.object({ ...target, started_at: Joi.number().integer().min(0).required() }))
    .required(),
}).required();

/** The value, which fits the schema as it is. */
export function fitting<T>(value: T, schema: Joi.Schema): T {
  return Joi.attempt(value, schema, { convert: false });
}

/** list of JSON: what the worker `host` says of a task that it runs. */
export const runningKey = (task: string, host: string) => `running:task:${task}:host:${host}`;
