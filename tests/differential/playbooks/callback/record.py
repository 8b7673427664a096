"""A callback of ansible-core that writes what happened as JSON lines, in the words of our own event stream."""
import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: record
    type: notification
    short_description: records task results for the differential tests
    description: Writes one JSON object a line to the file that AGENT_RECORD names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super().__init__()
        self.file = open(os.environ["AGENT_RECORD"], "w", encoding="utf-8")

    def write(self, **entry):
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()

    def result(self, result, status, item=False):
        data = result._result
        if status == "ok" and data.get("changed"):
            status = "changed"
        entry = {"host": result._host.get_name(), "task": result._task.get_name().strip(), "status": status}
        if item:
            entry["item"] = self._get_item_label(data)
        self.write(**entry)

    def v2_runner_on_ok(self, result):
        # An include that worked is shown by what it brings; our event stream has an event of its own for it.
        if not result._task.action.rpartition(".")[2].startswith("include_") or "include_vars" in result._task.action:
            self.result(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.result(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result):
        self.result(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.result(result, "unreachable")

    def v2_runner_item_on_ok(self, result):
        if "include_tasks" not in result._task.action and "include_role" not in result._task.action:
            self.result(result, "ok", True)

    def v2_runner_item_on_failed(self, result):
        self.result(result, "failed", True)

    def v2_runner_item_on_skipped(self, result):
        self.result(result, "skipped", True)

    def v2_playbook_on_stats(self, stats):
        for host in stats.processed:
            self.write(recap=host, **stats.summarize(host))
