# SPDX-License-Identifier: BSL-1.0
"""What the scripts share that measure espalier beside another program: processes that answer lines, and the machine's name."""
import os
import subprocess
import sys


class program:
    """A process that answers lines."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def line(self):
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.process.args[0]} ended with {self.process.wait()}")
        return answer

    def ask(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def numbers(self, text):
        """The numbers of the line that answers."""
        self.ask(text)
        return [float(number) for number in self.line().split()]

    def seconds(self, text):
        """The one number of the line that answers."""
        (seconds,) = self.numbers(text)
        return seconds

    def end(self):
        self.process.stdin.close()
        return self.process.wait()


def processor():
    with open("/proc/cpuinfo") as info:
        name = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown processor")
    return f"{name}, {os.cpu_count()} cores"
