/** Names that Tasker and the workers share. Three of the exchanges are called queues; the workers chose the names. */

export const SCAN_EXCHANGE = 'nmap_exchange';
export const SCAN_ROUTING_KEY = 'nmap.scan';
export const SCAN_QUEUE = 'nmap_scan_queue';
/** A fanout exchange. Each worker process binds a queue of its own. */
export const CANCEL_EXCHANGE = 'nmap_cancel_queue';
/** A fanout exchange, likewise. */
export const WORKER_EXCHANGE = 'worker_service_broadcast';
/** Celery's remote control. */
export const CONTROL_EXCHANGE = 'celery.pidbox';
export const REPLY_EXCHANGE = 'reply.celery.pidbox';

export const SCAN_TASK = 'project.nmap.scan';
export const CANCEL_TASK = 'project.nmap.cancel';
export const UPDATE_IP_TASK = 'worker.update_ip';
