"""vdirsyncer over Radicale: python caldav.py FOLDER MEASURES EVENTS. An event is a file here and
there; the server and each run of vdirsyncer are processes of their own."""

import atexit
import json
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path
from urllib.request import Request, urlopen

FOLDER = Path(sys.argv[1])
MEASURES = sys.argv[2].split(",")
EVENTS = [int(count) for count in sys.argv[3].split(",")]
EDITS = 5
BINARIES = Path(sys.executable).parent


def events():
    """The events of the file that ours imports, too, each a file of its own."""
    text = (FOLDER / "calendar.ics").read_bytes().decode()
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Almanac//bench//EN\r\nBEGIN:VEVENT\r\n"
    blocks = text.split("BEGIN:VEVENT\r\n")[1:]
    return [head + block.split("END:VCALENDAR")[0] + "END:VCALENDAR\r\n" for block in blocks]


ALL = events()


def event(number, title):
    return re.sub("SUMMARY:.*", f"SUMMARY:{title}\r", ALL[number])


class Server:
    """Radicale on a free port of loopback, with one collection."""

    def __init__(self, folder, count):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.items = folder / "collections" / "collection-root" / "ada" / "calendar"
        self.items.mkdir(parents=True)
        (self.items / ".Radicale.props").write_text(json.dumps({"tag": "VCALENDAR"}))
        for number in range(count):
            (self.items / f"bench-{number}.ics").write_text(ALL[number], newline="")
        self.words = ["--server-hosts", f"127.0.0.1:{self.port}"]
        self.words += ["--storage-filesystem-folder", str(folder / "collections")]
        # Everybody may do everything: who asks is not what is measured.
        self.words += ["--auth-type", "none", "--rights-type", "authenticated", "--logging-level", "error"]
        self.process = None
        # It ends with this process, however that ends.
        atexit.register(self.stop)

    def start(self):
        command = [sys.executable, "-m", "radicale", "--config", "", *self.words]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()

    def put(self, number, title):
        url = f"http://127.0.0.1:{self.port}/ada/calendar/bench-{number}.ics"
        request = Request(url, event(number, title).encode(), {"Content-Type": "text/calendar"}, method="PUT")
        # ada, without a password.
        request.add_header("Authorization", "Basic YWRhOg==")
        urlopen(request).read()

    def wait(self):
        for _ in range(600):
            with socket.socket() as near:
                if near.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        sys.exit("Radicale does not start")

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()


class Line:
    """A line to a port that counts the bytes each way."""

    def __init__(self, port):
        self.up = self.down = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(port,), daemon=True).start()

    def accept(self, port):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", port))
            for way, (source, target) in {"up": (near, far), "down": (far, near)}.items():
                threading.Thread(target=self.carry, args=(source, target, way), daemon=True).start()

    def carry(self, source, target, way):
        try:
            while read := source.recv(65536):
                setattr(self, way, getattr(self, way) + len(read))
                target.sendall(read)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            # The other side is gone, and with it the connection.
            target.close()


class Device:
    """A folder of files that vdirsyncer keeps equal to the collection."""

    def __init__(self, folder, port):
        self.items = folder / "items" / "calendar"
        self.items.mkdir(parents=True)
        self.config = folder / "config"
        self.config.write_text(
            f'[general]\nstatus_path = "{folder}/status"\n'
            '[pair both]\na = "here"\nb = "there"\ncollections = [["calendar", "calendar", "calendar"]]\n'
            f'[storage here]\ntype = "filesystem"\npath = "{folder}/items"\nfileext = ".ics"\n'
            f'[storage there]\ntype = "caldav"\nurl = "http://127.0.0.1:{port}/ada/"\n'
            'username = "ada"\npassword = ""\n'
        )
        self.run("discover")

    def run(self, word):
        command = [BINARIES / "vdirsyncer", "--verbosity", "ERROR", "--config", self.config, word]
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        return time.perf_counter() - began

    def count(self):
        return sum(1 for _ in self.items.iterdir())


def figure(measure, what, value, unit):
    return {"measure": measure, "what": what, "value": value, "unit": unit}


def fresh(count):
    folder = FOLDER / f"fresh-{count}"
    server = Server(folder, count)
    # Its cache of what it stores is made once, when somebody first asks: no part of a figure.
    server.start()
    Device(folder / "first", server.port).run("sync")
    line = Line(server.port)
    device = Device(folder / "device", line.port)
    before = line.down
    took = device.run("sync")
    if device.count() != count:
        sys.exit(f"{device.count()} of {count} events")
    figures = [
        figure("fresh", f"{count} events: files here; no search, no occurrences", took, "s"),
        figure("fresh", f"{count} events: bytes per event of what it downloads", (line.down - before) / count, "B"),
    ]
    return server, device, line, figures


def edits(server, device, line):
    times, before = [], (line.up, line.down)
    for turn in range(EDITS):
        began = time.perf_counter()
        server.put(turn, f"Edited {turn}")
        device.run("sync")
        times.append(time.perf_counter() - began)
        if not any(f"Edited {turn}" in path.read_text() for path in device.items.iterdir()):
            sys.exit("the edit did not come")
    passed = (line.up - before[0] + line.down - before[1]) / EDITS
    what = f"written to the server, then asked for once ({device.count()} events), p50"
    return sorted(times)[EDITS // 2] * 1000, passed, what


def idle(device, line):
    before = line.up + line.down
    took = device.run("sync")
    passed = line.up + line.down - before
    what = f"one collection of {device.count()} events"
    return [
        figure("reconnect", f"{what}: both ways, all that passes", passed, "B"),
        figure("reconnect", f"{what}: time, a process's start included", took * 1000, "ms"),
    ]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    figures = []
    for at, count in enumerate(EVENTS):
        server, device, line, found = fresh(count)
        figures += found if "fresh" in MEASURES else []
        if at == 0:
            took, passed, what = edits(server, device, line)
            if "edit" in MEASURES:
                figures.append(figure("edit", what, took, "ms"))
            if "wire" in MEASURES:
                figures.append(figure("wire", "both ways at the device that asks, an edit", passed, "B"))
            if "reconnect" in MEASURES:
                figures += idle(device, line)
        server.stop()
        shutil.rmtree(FOLDER / f"fresh-{count}")
    versions = f"vdirsyncer {version('vdirsyncer')}, Radicale {version('radicale')}, Python {platform.python_version()}"
    print(json.dumps({
        "version": versions,
        "durability": "Radicale calls fsync for each item it stores; vdirsyncer does not",
        "encryption": "none: the server reads everything; nothing is signed",
        "note": "asks when it is told to: an edit waits for the next time; files are all it makes",
        "figures": figures,
    }))


main()
