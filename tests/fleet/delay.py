#!/usr/bin/env python3
"""A ProxyCommand with a long way in it: `delay.py HOST PORT SECONDS` brings every byte that late, in each direction."""
import collections
import os
import select
import socket
import sys
import time


def main():
    host, port, late = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    line = socket.create_connection((host, port))
    # What was read, and when it is due; None is the end.
    ways = {0: (line.fileno(), collections.deque()), line.fileno(): (1, collections.deque())}
    reading = set(ways)
    while True:
        now = time.monotonic()
        for source, (target, waiting) in ways.items():
            while waiting and waiting[0][0] <= now:
                data = waiting.popleft()[1]
                if data is None:
                    if target == 1:
                        return
                    line.shutdown(socket.SHUT_WR)
                while data:
                    data = data[os.write(target, data):]
        due = [waiting[0][0] for _, waiting in ways.values() if waiting]
        ready = select.select(reading, [], [], max(0, min(due) - now) if due else None)[0]
        for source in ready:
            data = os.read(source, 65536)
            ways[source][1].append((time.monotonic() + late, data or None))
            if not data:
                reading.discard(source)


if __name__ == "__main__":
    main()
