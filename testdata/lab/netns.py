"""Network namespaces, sockets inside them, and an Ethernet wire in user space between two of them."""
import ctypes
import contextlib
import fcntl
import heapq
import os
import select
import socket
import struct
import subprocess
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
ETHTOOL = {"tx": 0x17, "sg": 0x19, "tso": 0x1F, "gso": 0x24, "gro": 0x2C}
SO_TIMESTAMPNS = 35


def ip(*args):
    subprocess.run(["ip", *args], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def inside(ns):
    """Run the calling thread in namespace ns; sockets keep the namespace they were made in."""
    old = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    new = os.open("/run/netns/" + ns, os.O_RDONLY)
    try:
        if LIBC.setns(new, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + ns)
        yield
    finally:
        LIBC.setns(old, CLONE_NEWNET)
        os.close(old)
        os.close(new)


def no_offload(ns, dev):
    """Switch checksum and segmentation offload off: the wire carries what a cable would."""
    with inside(ns), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for cmd in ETHTOOL.values():
            value = ctypes.create_string_buffer(struct.pack("II", cmd, 0))
            request = struct.pack("16sP", dev.encode(), ctypes.addressof(value)) + bytes(16)
            try:
                fcntl.ioctl(s, 0x8946, request)
            except OSError:
                pass  # not every device has every offload


def sysctl(ns, **values):
    with inside(ns):
        for key, value in values.items():
            for family in ("ipv4",):
                with open("/proc/sys/net/%s/%s" % (family, key), "w") as f:
                    f.write(str(value))


def packet_socket(ns, dev):
    with inside(ns):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    with inside(ns):
        s.bind((dev, 3))
    return s


def receive(s):
    """Return (nanoseconds since the epoch, frame, packet type) of the next frame."""
    data, aux, _, addr = s.recvmsg(70000, 256)
    for level, kind, value in aux:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            sec, nsec = struct.unpack("qq", value[:16])
            return sec * 10**9 + nsec, data, addr[2]
    return time.time_ns(), data, addr[2]


class Tap(threading.Thread):
    """Everything that an interface sends and receives."""

    def __init__(self, ns, dev):
        super().__init__(daemon=True)
        self.sock, self.frames, self.done = packet_socket(ns, dev), [], False
        self.start_time = time.time()
        self.start()

    def run(self):
        while not self.done:
            if select.select([self.sock], [], [], 0.05)[0]:
                t, data, _ = receive(self.sock)
                self.frames.append((t, data))

    def stop(self):
        self.done = True
        self.join()
        self.sock.close()
        return sorted(self.frames, key=lambda f: f[0])


class Packet:
    """A TCP segment on the wire, as far as rules look at it. from_client tells the direction."""

    def __init__(self, frame, from_client):
        self.frame, self.from_client, self.from_server = frame, from_client, not from_client
        self.tcp = False
        kind = frame[12:14]
        if kind == b"\x08\x00" and len(frame) >= 34 and frame[23] == 6:
            at = 14 + (frame[14] & 15) * 4
            size = struct.unpack(">H", frame[16:18])[0] + 14
        elif kind == b"\x86\xdd" and len(frame) >= 54 and frame[20] == 6:
            at, size = 54, struct.unpack(">H", frame[18:20])[0] + 54
        else:
            return
        self.tcp = True
        self.at = at
        self.sport, self.dport, self.seq, self.ack, off, self.flags, self.win = struct.unpack(">HHIIBBH", frame[at:at + 16])
        self.payload = frame[at + (off >> 4) * 4:size]
        self.len = len(self.payload)
        self.fin, self.syn, self.rst, self.psh, self.acks = (bool(self.flags & b) for b in (1, 2, 4, 8, 16))
        self.synack = self.syn and self.acks
        self.bare = self.acks and not self.len and not self.flags & 7
        self.options = frame[at + 20:at + (off >> 4) * 4]
        self.end = (self.seq + self.len + self.syn + self.fin) & 0xFFFFFFFF

    def tsval(self):
        o = self.options
        i = 0
        while i < len(o) and o[i]:
            if o[i] == 1:
                i += 1
                continue
            if o[i] == 8:
                return struct.unpack(">II", o[i + 2:i + 10])
            i += max(2, o[i + 1])
        return None


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Wire(threading.Thread):
    """Carries frames between two interfaces after a delay; rules drop, delay or answer them; frames can be injected."""

    def __init__(self, ns, client_dev, server_dev, delay):
        super().__init__(daemon=True)
        self.socks = [packet_socket(ns, client_dev), packet_socket(ns, server_dev)]
        self.delay = list(delay) if isinstance(delay, (tuple, list)) else [delay, delay]
        self.rules, self.queue, self.lock = [], [], threading.Lock()
        self.middle, self.last, self.seen = [], [None, None], []
        self.count, self.done = 0, False
        self.wake_r, self.wake_w = os.pipe()
        self.start()

    def rule(self, match, action, times=1):
        """Apply action ('drop', 'drop-after' the middle tap, ('delay', s), 'dup', or a function) to the next matches."""
        entry = [match, action, times]
        with self.lock:
            self.rules.append(entry)
        return entry

    def drop(self, match, times=1, after=False):
        return self.rule(match, "drop-after" if after else "drop", times)

    def dropped(self, entry, timeout=5):
        """Wait until a rule is used up."""
        end = time.time() + timeout
        while entry[2] > 0 and time.time() < end:
            time.sleep(0.002)
        return entry[2] <= 0

    def cancel(self, entry):
        with self.lock:
            if entry in self.rules:
                self.rules.remove(entry)

    def send(self, to_server, frame, delay=0.0, tapped=False):
        """Put a frame on the wire towards one end; tapped, the middle sees it pass."""
        if tapped:
            self.middle.append((time.time_ns(), frame))
        with self.lock:
            self.count += 1
            heapq.heappush(self.queue, (time.time() + delay, self.count, int(to_server), frame))
        os.write(self.wake_w, b"x")

    def run(self):
        while not self.done:
            with self.lock:
                wait = self.queue[0][0] - time.time() if self.queue else 0.05
            for s in select.select(self.socks + [self.wake_r], [], [], max(0, min(wait, 0.05)))[0]:
                if s == self.wake_r:
                    os.read(s, 100)
                    continue
                t, frame, kind = receive(s)
                if kind != 4:  # not what we sent ourselves
                    self.take(frame, s is self.socks[0], t)
            self.deliver()

    def deliver(self):
        while True:
            with self.lock:
                if not self.queue or self.queue[0][0] > time.time():
                    return
                _, _, to, frame = heapq.heappop(self.queue)
            try:
                self.socks[to].send(frame)
            except OSError:
                pass

    def take(self, frame, from_client, t):
        p = Packet(frame, from_client)
        if p.tcp:
            self.last[0 if from_client else 1] = p
            self.seen.append(p)
        action = None
        if p.tcp:
            with self.lock:
                for entry in self.rules:
                    if entry[2] > 0 and entry[0](p):
                        entry[2] -= 1
                        action = entry[1]
                        break
        if callable(action):
            action = action(p)
        if action == "drop":
            return
        delay = self.delay[0 if from_client else 1]
        self.middle.append((t + int(delay / 2 * 1e9), frame))
        if action == "drop-after":
            return
        if isinstance(action, tuple):
            delay += action[1]
        if isinstance(action, bytes):
            frame = action
        self.send(from_client, frame, delay)
        if action == "dup":
            self.send(from_client, frame, delay + 0.0003)

    def stop(self):
        self.done = True
        self.join()
        for s in self.socks:
            s.close()
        os.close(self.wake_r)
        os.close(self.wake_w)
