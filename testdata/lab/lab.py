"""One situation: two namespaces with real sockets, a wire between them, captures at both ends, and the kernel's truth."""
import errno
import json
import os
import random
import socket
import struct
import time

import netns
from netns import Packet, Tap, Wire, checksum, inside, ip, no_offload, sysctl
from truth import Poll, Trace, endpoint_states, name, source

TCP_REPAIR, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_USER_TIMEOUT, MSG_FASTOPEN = 19, 23, 30, 18, 0x20000000

ERRNO = {**errno.errorcode, errno.EOPNOTSUPP: "EOPNOTSUPP"}  # Python prefers ENOTSUP, the same number


class End:
    """One program: system calls on a socket, with their results."""

    def __init__(self, lab, side):
        self.lab, self.side, self.sock, self.listener, self.calls = lab, side, None, None, []

    def log(self, call, args=None, run=None):
        """Run a system call, keep its result; return it, None when it failed."""
        entry = {"call": call, "t0": time.time(), "args": args}
        result, fine = None, 0
        try:
            result = run()
            fine = result if isinstance(result, int) else len(result) if isinstance(result, bytes) else 0
            entry.update(result=fine, errno=None)
        except OSError as e:
            entry.update(result=-1, errno=ERRNO.get(e.errno, "EAGAIN"))
        entry["t"] = time.time()
        self.calls.append(entry)
        return result

    def socket(self):
        with inside(self.lab.ns[self.side]):
            s = socket.socket(self.lab.family, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.settimeout(6)
        return s

    def bound(self):
        if self.sock is None:
            self.sock = self.socket()
            self.sock.bind(self.lab.local(self.side))
        return self.sock

    def opt(self, level, name, value):
        (self.sock or self.listener).setsockopt(level, name, value)
        return self

    def connect(self, timeout=8):
        s = self.bound()
        s.settimeout(timeout)
        self.log("connect", list(self.lab.remote(self.side)), lambda: s.connect(self.lab.remote(self.side)))
        s.settimeout(6)
        return self

    def connecting(self):
        """Begin to connect and come back at once."""
        s = self.bound()
        s.setblocking(False)
        try:
            s.connect(self.lab.remote(self.side))
        except BlockingIOError:
            pass
        s.settimeout(6)
        return self

    def connected(self, timeout=8):
        """Wait for what connecting() began."""
        import select

        def wait():
            p = select.poll()
            p.register(self.sock, select.POLLOUT)
            if not p.poll(timeout * 1000):
                raise socket.timeout()
            error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                raise OSError(error, "connect")
            return 0
        self.log("connect", list(self.lab.remote(self.side)), wait)
        return self

    def listen(self, backlog=16, fastopen=0):
        self.listener = self.socket()
        self.listener.bind(self.lab.local(self.side))
        if fastopen:
            self.listener.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, fastopen)
        self.listener.listen(backlog)
        return self

    def accept(self, timeout=6):
        self.listener.settimeout(timeout)
        got = self.log("accept", None, self.listener.accept)
        if got:
            self.sock = got[0]
            self.sock.settimeout(6)
        return self

    def send(self, n, flags=0):
        self.log("send", n, lambda: self.sock.send(b"x" * n, flags))
        return self

    def fast(self, n):
        """connect() and send in one, with Fast Open."""
        s = self.bound()
        self.log("sendto", n, lambda: s.sendto(b"x" * n, MSG_FASTOPEN, self.lab.remote(self.side)))
        return self

    def recv(self, n=65536, timeout=6):
        if self.sock is None:
            return None
        self.sock.settimeout(timeout)
        got = self.log("recv", n, lambda: self.sock.recv(n))
        self.sock.settimeout(6)
        return got

    def read(self, n, timeout=6):
        """Read until n bytes are here."""
        while n > 0:
            got = self.recv(n, timeout)
            if not got:
                return self
            n -= len(got)
        return self

    def drain(self, timeout=6):
        """Read until end-of-file or an error."""
        while self.recv(timeout=timeout):
            pass
        return self

    def shutdown(self):
        self.log("shutdown", 1, lambda: self.sock.shutdown(socket.SHUT_WR) or 0)
        return self

    def close(self):
        self.log("close", None, lambda: self.sock.close() or 0)
        self.sock = None
        return self

    def abort(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return self.close()

    def crash(self):
        """The socket is gone and nobody is told: a machine that lost its power."""
        self.sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        self.sock.close()
        self.sock = None
        return self

    def stop_listening(self):
        self.listener.close()
        self.listener = None
        return self

    def keepalive(self, idle=1, every=1, count=2):
        for name, value in ((4, idle), (5, every), (6, count)):
            self.sock.setsockopt(socket.IPPROTO_TCP, name, value)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return self

    def error(self):
        self.log("getsockopt", "SO_ERROR", lambda: self._error())
        return self

    def _error(self):
        e = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if e:
            raise OSError(e, "")
        return 0


class Lab:
    """client end — wire — server end."""

    def __init__(self, name, out, v6=False, delay=0.005, seed=1, **options):
        self.name, self.out, self.v6, self.seed = name, out, v6, seed
        self.rng = random.Random("%s-%d" % (name, seed))
        self.family = socket.AF_INET6 if v6 else socket.AF_INET
        tag = "tl%x" % (os.getpid() & 0xFFFFF)
        self.ns = {"client": tag + "c", "server": tag + "s", "middle": tag + "m"}
        self.made = []
        net = self.rng.randrange(1, 250)
        self.addr = {"client": "fd00:%x::c" % net if v6 else "10.%d.%d.2" % (net, os.getpid() % 250),
                     "server": "fd00:%x::5" % net if v6 else "10.%d.%d.3" % (net, os.getpid() % 250)}
        self.port = {"client": self.rng.randrange(32768, 60000), "server": self.rng.choice((80, 443, 22, 25, 5432, 8080, 6379, 9000))}
        self.mac = {"client": bytes.fromhex("020000000001"), "server": bytes.fromhex("020000000002")}
        self.kinds = {"client": "kernel", "server": "kernel"}
        self.network, self.boundaries, self.delay = [], [], delay
        self.pairs = [None]
        self.client, self.server = End(self, "client"), End(self, "server")
        self.build(options)

    def build(self, options):
        for ns in self.ns.values():
            ip("netns", "add", ns)
            self.made.append(ns)
        for side in ("client", "server"):
            ns, dev = self.ns[side], "w" + side[0]
            ip("-n", ns, "link", "add", "eth0", "address", self.mac[side].hex(":"), "type", "veth", "peer", "name", dev, "netns", self.ns["middle"])
            if self.v6:
                with inside(ns):
                    open("/proc/sys/net/ipv6/conf/eth0/accept_dad", "w").write("0")
            ip("-n", ns, "addr", "add", self.addr[side] + ("/64" if self.v6 else "/24"), "dev", "eth0", *(["nodad"] if self.v6 else []))
            ip("-n", ns, "link", "set", "lo", "up")
            ip("-n", ns, "link", "set", "eth0", "up")
            ip("-n", self.ns["middle"], "link", "set", dev, "up")
            no_offload(ns, "eth0")
            no_offload(self.ns["middle"], dev)
            sysctl(ns, tcp_no_metrics_save=1)
        for side, other in (("client", "server"), ("server", "client")):
            ip("-n", self.ns[side], "neigh", "add", self.addr[other], "lladdr", self.mac[other].hex(":"), "dev", "eth0", "nud", "permanent")
            if options.get("sysctl"):
                sysctl(self.ns[side], **options["sysctl"])
        self.trace = Trace(self.ns["client"])
        self.poll = {s: Poll(self.ns[s], self.family) for s in ("client", "server")}
        self.wire = Wire(self.ns["middle"], "wc", "ws", self.delay)
        self.tap = {s: Tap(self.ns[s], "eth0") for s in ("client", "server")}
        self.began = time.time()
        time.sleep(0.05)

    def local(self, side):
        return (self.addr[side], self.port[side])

    def remote(self, side):
        return self.local("server" if side == "client" else "client")

    def wait(self, seconds):
        time.sleep(seconds)
        return self

    def rtt(self, times=1.6):
        """Wait until what was sent has come and its answer is back."""
        time.sleep(sum(self.wire.delay) * times + 0.03)
        return self

    def open(self, **kw):
        """Listen, connect, accept."""
        if self.server.listener is None:
            self.server.listen(**kw)
        self.client.connect()
        self.server.accept()
        return self.rtt()

    def talk(self, up=100, down=200):
        if up:
            self.client.send(up)
            self.server.read(up)
        if down:
            self.server.send(down)
            self.client.read(down)
        return self.rtt(0.6).wait(0.05)

    def again(self):
        """What follows is another connection between the same ports."""
        self.boundaries.append(time.time())
        self.pairs.append((self.local("client"), self.local("server")))
        self.client.sock = self.server.sock = None
        return self

    def from_(self, side):
        """The last segment that side put on the wire."""
        return self.wire.last[0 if side == "client" else 1]

    def forge(self, to, flags, seq=None, ack=None, dseq=0, dack=0, payload=b"", win=500, ts=True, older=0, delay=0.0, options=b"", ttl=64, tapped=False):
        """A segment with the address of the peer of to: by default exactly what the peer would send next. Its time stamp
        is that of the peer's last segment, older by so many ticks; tapped, the middle sees it pass."""
        peer = "client" if to == "server" else "server"
        last, other = self.from_(peer), self.from_(to)
        if seq is None:
            seq = (last.end if last is not None else 0)
        if ack is None:
            ack = other.end if other is not None else 0
        seq, ack = (seq + dseq) & 0xFFFFFFFF, (ack + dack) & 0xFFFFFFFF
        bits = sum({"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32}[f] for f in flags)
        if "A" not in flags:
            ack = 0
        stamp = last.tsval() if last is not None else None
        if ts and stamp and "R" not in flags:
            options += b"\1\1\x08\x0a" + struct.pack(">II", stamp[0] + 1 - older & 0xFFFFFFFF, stamp[1])
        tcp = struct.pack(">HHIIBBHHH", self.port[peer], self.port[to], seq, ack, (20 + len(options)) // 4 << 4, bits, win, 0, 0) + options + payload
        frame = self.frame(peer, to, tcp, ttl)
        self.wire.send(to == "server", frame, delay, tapped)
        return frame

    def frame(self, src, dst, body, ttl=64, proto=6):
        a, b = (socket.inet_pton(self.family, self.addr[x]) for x in (src, dst))
        pseudo = a + b + (struct.pack(">IHBB", len(body), 0, 0, proto) if self.v6 else struct.pack(">BBH", 0, proto, len(body)))
        at = 16 if proto == 6 else 2
        total = checksum(pseudo + body) if proto != 1 else checksum(body)
        body = body[:at] + struct.pack(">H", total) + body[at + 2:]
        if self.v6:
            head = struct.pack(">IHBB", 6 << 28, len(body), proto, ttl) + a + b
        else:
            head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), self.rng.randrange(1, 65535), 0, ttl, proto, 0) + a + b
            head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        return self.mac[dst] + self.mac[src] + (b"\x86\xdd" if self.v6 else b"\x08\x00") + head + body

    def icmp(self, to, code, kind=None, about=None):
        """An ICMP error to one end about its last segment (or about), as if the far host sent it."""
        p = about or self.from_(to)
        kind = kind if kind is not None else (1 if self.v6 else 3)
        body = struct.pack(">BBHI", kind, code, 0, 0) + p.frame[14:14 + (1000 if self.v6 else 28 + 20)]
        self.wire.send(to == "server", self.frame("client" if to == "server" else "server", to, body, proto=58 if self.v6 else 1))
        return self

    def finish(self, labels, description="", late=False, cell=None):
        for end in (self.client, self.server):
            end.done = [c for c in end.calls]
        stop = time.time()
        wanted = lambda data: data[12:14] == b"\x08\x00" and data[23] in (1, 6) or data[12:14] == b"\x86\xdd" and (data[20] == 6 or data[20] == 58 and data[54] < 128)
        events = self.trace.read()
        frames = {s: [f for f in t.stop() if wanted(f[1])] for s, t in self.tap.items()}
        for p in self.poll.values():
            p.stop()
        folder = os.path.join(self.out, self.name)
        os.makedirs(folder, exist_ok=True)
        captures = {}
        for side in ("client", "server"):
            captures[side + ".pcap"] = self.write(folder, side + ".pcap", frames[side], side, stop)
        captures["middle.pcap"] = self.write(folder, "middle.pcap", sorted(f for f in self.wire.middle if wanted(f[1])), "middle", stop)
        router = sorted(x for t, f in self.wire.middle if wanted(f) for x in self.routed(t, f))
        captures["router-any.pcap"] = self.write(folder, "router-any.pcap", router, "middle", stop, link=276)
        tagged = sorted((t, f[:12] + b"\x81\x00\x00\x07" + f[12:]) for t, f in self.wire.middle if wanted(f))
        captures["span-vlan.pcap"] = self.write(folder, "span-vlan.pcap", tagged, "middle", stop)
        if late:
            arp = self.mac["client"] * 2 + b"\x08\x06" + bytes(46)
            captures["late.pcap"] = self.write(folder, "late.pcap", frames["client"] + [(int((stop + 900) * 1e9), arp)], "client", stop + 900)
        truth = {"scenario": self.name, "description": description, "seed": self.seed, "family": "ipv6" if self.v6 else "ipv4", "topology": "wire",
                 "captures": captures, "truth_span": [self.began, stop], "connections": self.connections(events, frames, stop), "listener_app": [],
                 "network": ["userspace L2 wire between client and server, one-way delay %s s" % (self.wire.delay,)] + self.network,
                 "labels": labels, "cell": cell, "kernel_release": os.uname().release}
        with open(os.path.join(folder, "truth.json"), "w") as f:
            json.dump(truth, f, indent=1)
        return truth

    def connections(self, events, frames, stop):
        out, edges = [], [0.0] + self.boundaries + [stop + 1]
        self.pairs[0] = self.pairs[0] or (self.local("client"), self.local("server"))
        for since, until, (client, server) in zip(edges, edges[1:], self.pairs):
            ends = {"client": client, "server": server}
            conn = {s: ("[%s]:%d" if self.v6 else "%s:%d") % ends[s] for s in ends}
            for side in ("client", "server"):
                first, last = (self.own_edge(events, t, ends["server"], side) for t in (since, until))
                conn[side + "_kind"] = self.kinds[side]
                other = "server" if side == "client" else "client"
                port = ends["client"][1]

                def arrivals(flag, side=side, port=port):
                    bit = {"fin": 1, "syn": 2}[flag]
                    back = [(t, Packet(f, side == "server")) for t, f in frames[side]]
                    want = socket.inet_pton(self.family, self.addr["server" if side == "client" else "client"])
                    return [t / 1e9 for t, p in back if p.tcp and p.flags & bit and port in (p.sport, p.dport) and (want in p.frame[26:30] if not self.v6 else want == p.frame[22:38])]
                changes = self.poll[side].changes.get((ends[side], ends[other]), [])
                states, errors = endpoint_states(events, changes, ends[side], ends[other], arrivals, side == "client", first, last)
                conn[side + "_states"] = states if self.kinds[side] == "kernel" else []
                conn[side + "_sk_err"] = errors
                calls = getattr(self, side).calls
                conn[side + "_app"] = [c for c in calls if since <= c["t0"] < until]
                conn[side + "_rexmits"] = 0
            conn["resets"] = []
            out.append(conn)
        return out

    def own_edge(self, events, edge, server, side):
        """A server's old socket may live on when the client has begun anew: its connection ends when its last event was."""
        if side == "client":
            return edge
        late = 0.0
        for t, event, f in events:
            if t >= edge and source(f) == server and event == "inet_sock_set_state":
                if name(f["oldstate"]) in ("LISTEN", "SYN_RCVD", "CLOSED"):
                    return late + 0.0005 if late else edge
                late = t
        return edge

    def routed(self, t, frame):
        """What `-i any` would show on a router: the packet comes in on one interface and goes out on the other, one hop older."""
        up = frame[6:12] == self.mac["client"]
        head = lambda index, kind: frame[12:14] + struct.pack(">HIHBB", 0, index, 1, kind, 6) + frame[6:12] + b"\0\0"
        packet = bytearray(frame[14:])
        if self.v6:
            packet[7] -= 1
        else:
            packet[8] -= 1
            packet[10:12] = b"\0\0"
            packet[10:12] = struct.pack(">H", checksum(bytes(packet[:20])))
        yield t, head(2 if up else 3, 0) + frame[14:]
        yield t + 20000, head(3 if up else 2, 4) + bytes(packet)

    def write(self, folder, name, frames, vantage, stop, link=1):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link))
            for t, data in frames:
                f.write(struct.pack("<IIII", t // 10**9, t % 10**9, len(data), len(data)) + data)
        return {"vantage": vantage, "options": ["-s", "0"], "interface": "eth0", "start": self.began, "stop": stop}

    def clean(self):
        for end in (self.client, self.server):
            for s in (end.sock, end.listener):
                if s is not None:
                    s.close()
        for part in (*self.tap.values(), *self.poll.values()):
            part.done = True
        try:
            self.trace.close()
        except OSError:
            pass
        self.wire.stop()
        for ns in self.made:
            ip("netns", "del", ns)
