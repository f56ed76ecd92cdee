"""How Celery places work. Read when it is first needed, since it asks Django's settings."""

from django.conf import settings

from experiments.runner.queues import PLACE, PLACING

from .refusing import settings_or_exit

settings_or_exit()

# Beat's message only asks to look; several of them do no harm.
PLACE_SECONDS = 3.0

broker_url = settings.ASSAY_BROKER_URL or "memory://"
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_transport_options = {
    # Seconds, ten leases: a message that a worker holds is not given to another one before the worker must be dead.
    "visibility_timeout": 300,
    # Pages must not wait for a broker that is away: what they could not send is sent later.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
}
if broker_url.startswith("redis"):
    broker_transport_options |= {
        "priority_steps": [0, 2, 4, 6],
        # A broker behind a cut cable is noticed.
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
        "socket_keepalive": True,
        "health_check_interval": 5,
    }
else:
    broker_heartbeat = 10
    task_queue_max_priority = 9

accept_content = ["json"]
task_serializer = result_serializer = "json"
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
task_default_queue = PLACING
task_default_priority = 0 if broker_url.startswith("redis") else 9

# A thread only waits for what the process's worker does, so there may be many: for 64 busy queues four batches that claim
# attempts and as many that end theirs.
worker_pool = "threads"
worker_concurrency = 512
worker_prefetch_multiplier = 1
worker_enable_remote_control = False
worker_send_task_events = False
worker_hijack_root_logger = False
worker_cancel_long_running_tasks_on_connection_loss = False

# Nothing to remember: a place message more or less changes nothing.
beat_scheduler = "celery.beat:Scheduler"
beat_schedule = {"place": {"task": PLACE, "schedule": PLACE_SECONDS}}
timezone = "UTC"
