/**
 * The Redis keys that Tasker shares with the workers. The workers write and delete them too, so their names and
 * types are a contract; what stands in them is unknown until checked.
 */
export const workerKeys = {
  lock: (project: string, ip: string, ports: string) => `lock:project:${project}:ip:${ip}:ports:${ports}`,
  projectTasks: (project: string) => `project:${project}:task_ids`,
  userTasks: (user: string) => `user:${user}:task_ids`,
  addressTasks: (project: string, ip: string) => `project:${project}:ip:${ip}:task_ids`,
  task: (task: string) => `task:${task}:metadata:nmap`,
  running: (task: string, host: string) => `running:task:${task}:host:${host}`,
  worker: (host: string) => `worker:${host}`,
  /** hash task id -> pid: what the worker runs. It reads the pid from here when it is told to cancel. */
  tool: (host: string) => `running_tool:nmap:${host}`,
};
