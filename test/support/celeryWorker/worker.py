"""A real Celery worker with the queues, tasks and Redis keys of the nmap worker. Where that runs nmap, this one
runs `sleep`: nothing is ever sent to a target."""

import json
import os
import signal
import subprocess
import time

from celery import Celery
from kombu import Exchange, Queue
from kombu.common import Broadcast
from redis import Redis

HOST = os.environ["WORKER_HOSTNAME"]
SCAN_SECONDS = os.environ["SCAN_SECONDS"]
PIDS = f"running_tool:nmap:{HOST}"

redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
app = Celery("project", broker=os.environ["BROKER_URL"])
app.conf.update(
    task_queues=[
        Queue(
            "nmap_scan_queue",
            Exchange("nmap_exchange", type="topic", durable=True),
            routing_key="nmap.scan",
            durable=True,
        ),
        Broadcast("nmap_cancel_queue"),
        Broadcast("worker_service_broadcast"),
    ],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
)


@app.task(name="project.nmap.scan", bind=True)
def scan(self, task):
    task_id, project, ip = self.request.id, task["project"], task["ip"]
    redis.rpush("test:received", json.dumps({"id": task_id, "headers": headers_of(self.request), "task": task}))
    running = f"running:task:{task_id}:host:{HOST}"
    entry = {"ip": ip, "hostnames": task["hostnames"], "worker": HOST, "started_at": int(time.time())}
    tool = subprocess.Popen(["sleep", SCAN_SECONDS])
    redis.hset(PIDS, task_id, tool.pid)
    redis.rpush(running, json.dumps(entry))
    try:
        cancelled = tool.wait() != 0
    finally:
        tool.kill()
        redis.delete(
            running,
            f"lock:project:{project}:ip:{ip}:ports:{task['open_ports_str']}",
            f"task:{task_id}:metadata:nmap",
        )
        redis.hdel(PIDS, task_id)
        redis.srem(f"project:{project}:task_ids", task_id)
        redis.srem(f"user:{task['user']['id']}:task_ids", task_id)
        redis.srem(f"project:{project}:ip:{ip}:task_ids", task_id)
    redis.rpush("test:ended", json.dumps({"id": task_id, "cancelled": cancelled}))


def headers_of(request):
    return {"lang": request.lang, "retries": request.retries, "argsrepr": request.argsrepr}


@app.task(name="project.nmap.cancel")
def cancel(args):
    for task_id in args["task_ids"]:
        pid = redis.hget(PIDS, task_id)
        if pid:
            os.kill(int(pid), signal.SIGKILL)


@app.task(name="worker.update_ip")
def update_ip():
    redis.hset(f"worker:{HOST}", mapping={"ip": "203.0.113.7", "last_updated": int(time.time())})
