"""A task of ours as `gcrl serve TASK` plays it: a line of JSON out, a line of JSON back."""

import json
import subprocess


class Served:
    """`Served(program, task).ask({"reset": 0})["observation"]`; `gcrl serve --help` has all requests."""

    def __init__(self, program, task):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([program, "serve", task], text=True, bufsize=1, **pipes)

    def ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer
