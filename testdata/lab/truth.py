"""What the kernel says about sockets: tracepoints, and polls of sock_diag."""
import os
import re
import socket
import struct
import threading
import time

from netns import inside

NAMES = {"TCP_SYN_RECV": "SYN_RCVD", "TCP_FIN_WAIT1": "FIN_WAIT_1", "TCP_FIN_WAIT2": "FIN_WAIT_2", "TCP_CLOSE": "CLOSED", "TCP_NEW_SYN_RECV": "SYN_RCVD"}
DIAG = {1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RCVD", 4: "FIN_WAIT_1", 5: "FIN_WAIT_2", 6: "TIME_WAIT", 7: "CLOSED", 8: "CLOSE_WAIT",
        9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING", 12: "SYN_RCVD"}
ROOT = "/sys/kernel/tracing"


def name(kernel):
    return NAMES.get(kernel, kernel.replace("TCP_", ""))


class Trace:
    """A tracing instance of its own, with the events of TCP states and socket errors."""

    def __init__(self, label):
        self.path = "%s/instances/%s" % (ROOT, label)
        os.mkdir(self.path)
        self.write("trace_clock", "mono")
        self.write("buffer_size_kb", "512")
        self.offset = time.time_ns() - time.monotonic_ns()
        for event in ("sock/inet_sock_set_state", "sock/inet_sk_error_report"):
            self.write("events/%s/enable" % event, "1")

    def write(self, file, text):
        with open(os.path.join(self.path, file), "w") as f:
            f.write(text)

    def read(self):
        """Return [(time, event, fields)] in order."""
        with open(os.path.join(self.path, "trace")) as f:
            lines = f.read().splitlines()
        out = []
        for line in lines:
            m = re.match(r".*\s(\d+\.\d+): (inet_sock_set_state|inet_sk_error_report): (.*)", line)
            if m:
                fields = dict(x.split("=", 1) for x in m[3].split() if "=" in x)
                out.append((float(m[1]) + self.offset / 1e9, m[2], fields))
        return out

    def close(self):
        for event in ("sock/inet_sock_set_state", "sock/inet_sk_error_report"):
            self.write("events/%s/enable" % event, "0")
        os.rmdir(self.path)


class Poll(threading.Thread):
    """Asks sock_diag every few milliseconds for all TCP sockets of a namespace; keeps the changes.

    changes: {(local, remote): [(time seen, state or None when gone, time of the poll before)]}"""

    def __init__(self, ns, family, every=0.004):
        super().__init__(daemon=True)
        with inside(ns):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)
        self.sock.bind((0, 0))
        self.sock.settimeout(1)
        self.family, self.every, self.done = family, every, False
        self.changes, self.now = {}, {}
        self.before = time.time()
        self.start()

    def run(self):
        while not self.done:
            self.once()
            time.sleep(self.every)

    def once(self):
        request = struct.pack("BBBxI", self.family, socket.IPPROTO_TCP, 0, 0xFFFFFFFF & ~(1 << 10)) + bytes(48)
        t = time.time()
        self.sock.send(struct.pack("IHHII", 16 + len(request), 20, 0x301, 1, 0) + request)
        seen, open_ = {}, True
        while open_:
            data = self.sock.recv(1 << 17)
            while data:
                size, kind = struct.unpack("IH", data[:6])
                if kind in (2, 3):
                    open_ = False
                    break
                body = data[16:size]
                if len(body) >= 72:
                    sport, dport = struct.unpack(">HH", body[4:8])
                    n = 4 if body[0] == socket.AF_INET else 16
                    key = (socket.inet_ntop(body[0], body[8:8 + n]), sport), (socket.inet_ntop(body[0], body[24:24 + n]), dport)
                    if dport:
                        seen[key] = DIAG[body[1]]
                data = data[(size + 3) & ~3:]
        for key in set(seen) | set(self.now):
            if seen.get(key) != self.now.get(key):
                self.changes.setdefault(key, []).append((t, seen.get(key), self.before))
        self.now, self.before = seen, t

    def stop(self):
        self.done = True
        self.join()
        self.once()
        self.sock.close()


def endpoint_states(events, changes, local, remote, arrivals, client, since, until):
    """The states of one endpoint between two moments: [{state, t, src}], and its socket errors.

    events are those of Trace.read, changes those of Poll for this pair, arrivals(flag) the times at which the endpoint's own
    capture has a segment of the peer with that flag."""
    mine = [e for e in events if since <= e[0] < until and (source(e[2]), target(e[2])) == (local, remote)]
    states, errors = [], []
    for t, event, f in mine:
        if event == "inet_sk_error_report":
            errors.append({"t": t, "errno": errno_name(f.get("error", "0"))})
            continue
        old, new = name(f["oldstate"]), name(f["newstate"])
        if old == new or old == "LISTEN":  # the child is born with the handshake's ACK; the request before it has no events
            continue
        if new == "CLOSED" and old in ("FIN_WAIT_1", "FIN_WAIT_2", "CLOSING"):
            before, after = [c for c in changes if c[0] < t], [c for c in changes if t <= c[0] < t + 0.3]
            now = (after or before[-1:] or [(0, None, 0)])[0]
            if now[1] == "FIN_WAIT_2":
                continue  # an orphan's FIN_WAIT_2 goes on without a socket
            if now[1] == "TIME_WAIT":
                fin = [a for a in arrivals("fin") if t - 0.001 < a <= now[0]]
                at = fin[-1] if old == "FIN_WAIT_2" and fin and fin[-1] > t + 0.001 else t
                states.append({"state": "TIME_WAIT", "t": at, "src": "tracepoint" if at == t else "capture+diag", "kernel": "%s->CLOSED" % old})
                continue
        states.append({"state": new, "t": t, "src": "tracepoint", "kernel": "%s->%s" % (old, new)})
    have = lambda s: any(x["state"] == s for x in states)
    for t, state, before in changes:
        if not since <= t < until:
            continue
        if state == "SYN_RCVD" and not client and not have("SYN_RCVD"):
            at = [a for a in arrivals("syn") if a <= t] or [t]
            states.append({"state": "SYN_RCVD", "t": at[-1], "src": "capture", "diag_seen": True})
        elif state == "TIME_WAIT" and not have("TIME_WAIT"):
            at = [a for a in arrivals("fin") if before - 0.01 <= a <= t + 0.002]
            states.append({"state": "TIME_WAIT", "t": at[-1] if at else t, "src": "capture+diag" if at else "diag", "diag_seen": t})
        elif state == "FIN_WAIT_2" and not have("FIN_WAIT_2"):
            states.append({"state": "FIN_WAIT_2", "t": t, "src": "diag"})
        elif state is None:
            states.append({"state": "CLOSED", "t": t, "src": "diag", "not_before": before, "weak": True})
    if not client and not have("SYN_RCVD") and not have("SYN_SENT") and states:
        first = min(x["t"] for x in states)
        at = [a for a in arrivals("syn") if since <= a <= first + 0.001]
        if at:
            states.append({"state": "SYN_RCVD", "t": at[-1], "src": "capture"})
    states.sort(key=lambda s: s["t"])
    out = []
    for s in states:
        if s.pop("weak", False) and out and out[-1]["state"] == "CLOSED":
            continue
        if s["state"] == "CLOSED" and not out:
            continue
        if out and out[-1]["state"] == s["state"]:
            continue
        out.append(s)
    return out, errors


def source(f):
    return address(f, "s"), int(f["sport"])


def target(f):
    return address(f, "d"), int(f["dport"])


def address(f, which):
    if f["family"] == "AF_INET6":
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, f[which + "addrv6"]))
    return f[which + "addr"]


def errno_name(number):
    import errno
    return errno.errorcode.get(int(number), number)
