"""The walk through RFC 9293 §3.10.7: every state meets every segment. Each pair is a situation, "matrix_STATE_SEGMENT".

usage: matrix.py DIR [FLOWS]    print what the kernel did in those that were recorded to DIR: state, segment, answer, state
after; and write it into the archives FLOWS/STATE.txtar, behind their comment and the packets that lead to the state
"""
import json
import os
import sys
import time

from netns import Packet
from scenarios import situation

WIDE = 0.1  # one-way delay that keeps a state open long enough to meet the segment

# name: (flags, arguments of Lab.forge). Without arguments the segment is exactly what the peer would send next.
SEGMENTS = {
    "syn_exact": ("S", {}),
    "syn_above": ("S", {"dseq": 5000}),
    "syn_below": ("S", {"dseq": -5000}),
    "syn_far": ("S", {"dseq": 1 << 30}),
    "syn_below_unstamped": ("S", {"dseq": -5000, "ts": False}),
    "syn_below_old_stamp": ("S", {"dseq": -5000, "older": 100000}),
    "syn_above_old_stamp": ("S", {"dseq": 5000, "older": 100000}),
    "syn_copy": ("copy", {"of": "syn"}),
    "synack_exact": ("SA", {}),
    "synack_below": ("SA", {"dseq": -5000}),
    "synack_future_ack": ("SA", {"dack": 5000}),
    "synack_copy": ("copy", {"of": "synack"}),
    "ack": ("A", {}),
    "ack_old": ("A", {"dack": -50}),
    "ack_ancient": ("A", {"dack": -(1 << 30)}),
    "ack_future": ("A", {"dack": 5000}),
    "ack_below": ("A", {"dseq": -50}),
    "ack_above": ("A", {"dseq": 1 << 24}),
    "ack_old_stamp": ("A", {"older": 100000}),
    "rst": ("R", {}),
    "rst_minus_1": ("R", {"dseq": -1}),
    "rst_plus_1": ("R", {"dseq": 1}),
    "rst_in_window": ("R", {"dseq": 1000}),
    "rst_below": ("R", {"dseq": -50}),
    "rst_above": ("R", {"dseq": 1 << 24}),
    "rst_zero": ("R", {"seq": 0}),
    "rst_ack": ("RA", {}),
    "rst_ack_zero": ("RA", {"seq": 0}),
    "rst_ack_old": ("RA", {"dack": -50}),
    "rst_ack_future": ("RA", {"dack": 5000}),
    "rst_ack_in_window": ("RA", {"dseq": 1000}),
    "rst_fin": ("RFA", {}),
    "fin": ("FA", {}),
    "fin_without_ack": ("F", {}),
    "fin_future_ack": ("FA", {"dack": 5000}),
    "fin_behind_hole": ("FA", {"dseq": 100}),
    "fin_below": ("FA", {"dseq": -100}),
    "fin_copy": ("copy", {"of": "fin"}),
    "fin_old_stamp": ("FA", {"older": 100000}),
    "data": ("PA", {"payload": b"y" * 20}),
    "data_without_ack": ("P", {"payload": b"y" * 20}),
    "data_old_ack": ("PA", {"payload": b"y" * 20, "dack": -50}),
    "data_future_ack": ("PA", {"payload": b"y" * 20, "dack": 5000}),
    "data_again": ("PA", {"payload": b"y" * 20, "dseq": -20}),
    "data_behind_hole": ("PA", {"payload": b"y" * 20, "dseq": 100}),
    "data_above": ("PA", {"payload": b"y" * 20, "dseq": 1 << 24}),
    "data_old_stamp": ("PA", {"payload": b"y" * 20, "older": 100000}),
    "data_unstamped": ("PA", {"payload": b"y" * 20, "ts": False}),
    "data_fin": ("FPA", {"payload": b"y" * 20}),
    "null": ("", {}),
    "xmas": ("FPU", {}),
    "syn_fin": ("SF", {}),
    "syn_rst": ("SR", {}),
}


# Each takes the endpoint into its state, and leaves it there for a while.

def listen(lab):
    lab.server.listen()


def closed(lab):
    pass


def syn_sent(lab):
    lab.server.listen()
    lab.client.connecting()


def syn_rcvd(lab):
    lab.server.listen()
    lab.client.connecting()
    lab.wait(WIDE)


def syn_rcvd_crossed(lab):
    lab.client.connecting()
    lab.server.connecting()
    lab.wait(WIDE)


def established(lab):
    lab.open().talk()


def fin_wait_1(lab):
    lab.open().talk()
    lab.client.shutdown()


def fin_wait_1_orphan(lab):
    lab.open().talk()
    lab.client.close()


def fin_wait_2(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.rtt()


def fin_wait_2_orphan(lab):
    lab.open().talk()
    lab.client.close()
    lab.rtt()


def close_wait(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.rtt()


def closing(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.server.shutdown()
    lab.wait(WIDE)


def last_ack(lab):
    lab.open().talk()
    lab.client.shutdown()
    lab.rtt()
    lab.server.drain()
    lab.server.close()


def time_wait(lab):
    lab.open().talk()
    lab.client.close()
    lab.rtt()
    lab.server.drain()
    lab.server.close()
    lab.rtt()


def time_wait_listening(lab):
    """The server closed first, and its listener goes on."""
    lab.open().talk()
    lab.server.close()
    lab.rtt()
    lab.client.drain()
    lab.client.close()
    lab.rtt()


# name: (how to get there, whose state it is, its name in sock_diag, one-way delay)
STATES = {
    "listen": (listen, "server", None, 0.005),
    "closed": (closed, "server", None, 0.005),
    "syn_sent": (syn_sent, "client", "SYN_SENT", WIDE),
    "syn_rcvd": (syn_rcvd, "server", "SYN_RCVD", WIDE),
    "syn_rcvd_crossed": (syn_rcvd_crossed, "client", "SYN_RCVD", WIDE),
    "established": (established, "client", "ESTABLISHED", 0.005),
    "fin_wait_1": (fin_wait_1, "client", "FIN_WAIT_1", WIDE),
    "fin_wait_1_orphan": (fin_wait_1_orphan, "client", "FIN_WAIT_1", WIDE),
    "fin_wait_2": (fin_wait_2, "client", "FIN_WAIT_2", 0.005),
    "fin_wait_2_orphan": (fin_wait_2_orphan, "client", "FIN_WAIT_2", 0.005),
    "close_wait": (close_wait, "server", "CLOSE_WAIT", 0.005),
    "closing": (closing, "client", "CLOSING", WIDE),
    "last_ack": (last_ack, "server", "LAST_ACK", WIDE),
    "time_wait": (time_wait, "client", "TIME_WAIT", 0.005),
    "time_wait_listening": (time_wait_listening, "server", "TIME_WAIT", 0.005),
}

# What the wire has of an earlier kind to deliver once more.
COPIES = {"syn": lambda p: p.syn and not p.acks, "synack": lambda p: p.synack, "fin": lambda p: p.fin}


def state_of(lab, side, wanted=None, patience=0.02):
    """The state of side's socket now, None when it has none; wanted is waited for."""
    other = "client" if side == "server" else "server"
    until = time.time() + patience
    while True:
        lab.wait(0.01)
        state = lab.poll[side].now.get((lab.local(side), lab.local(other)))
        if time.time() > until or wanted and state == wanted:
            return state


def meet(lab, side, flags, how):
    """Let the segment reach side; return it and what passed within 40 ms, None when there is no such segment to repeat."""
    if flags == "copy":
        old = [p for p in lab.wire.seen if p.from_server == (side == "client") and COPIES[how["of"]](p)]
        if not old:
            return None
        frame, before = old[-1].frame, len(lab.wire.seen)
        lab.wire.send(side == "server", frame, tapped=True)
    else:
        before = len(lab.wire.seen)
        frame = lab.forge(side, flags, tapped=True, **how)
    lab.wait(0.03)
    return [Packet(frame, side == "server")] + lab.wire.seen[before:]


def line(lab, p, options=""):
    """A segment in the notation of testdata/flows, without its time."""
    first = {True: p.seq - (0 if p.syn else 1), False: p.ack - 1}
    isn = {}
    for from_client in (True, False):
        syns = [x for x in lab.wire.seen if x.from_client == from_client and x.syn]
        isn[from_client] = syns[0].seq if syns else first[p.from_client == from_client]
    number = lambda n, side: (n - isn[side] + (1 << 31)) % (1 << 32) - (1 << 31)
    seq, flags = number(p.seq, p.from_client), "".join(c for c, on in zip("SFRPU.", (p.syn, p.fin, p.rst, p.psh, p.flags & 32, p.acks)) if on)
    text = "%s %-3s %d:%d(%d)" % ("C>" if p.from_client else "S>", flags or "-", seq, seq + p.len, p.len)
    if p.acks:
        text += " ack %d" % number(p.ack, not p.from_client)
    if p.frame[18:20] == b"\0\0":
        text += " id 0"
    return text + options


def stamps(p, how):
    """The options that make the segment what it is."""
    if not how.get("ts", True):
        return " <>"
    if how.get("older"):
        return " <nop,nop,TS val %d ecr 1>" % (2999900000 if p.from_client else 999900000)
    return ""


def words(p):
    """An answer in a word: "SA", "R"."""
    return "".join(c for c, on in zip("SFRA", (p.syn, p.fin, p.rst, p.acks)) if on)


def go_on(lab):
    """Both programs go on as if nothing had happened, as far as they can, and close."""
    c, s = lab.client, lab.server
    if not c.sock and not s.sock and not s.listener:
        return
    if c.sock and not any(x["call"] == "connect" for x in c.calls):
        c.connected(timeout=1)
    if s.sock and lab.connecting_both and not any(x["call"] == "connect" for x in s.calls):
        s.connected(timeout=1)
    elif s.listener and not s.sock and c.sock and not any(x["call"] == "accept" for x in s.calls):
        s.accept(timeout=0.5)
    sent = [x for e in (c, s) for x in e.calls if x["call"] in ("shutdown", "close")]
    if not sent and c.sock and s.sock:
        c.send(100)
        s.recv(timeout=0.5)
    if s.sock and not any(x["call"] == "shutdown" for x in s.calls):
        s.send(200)
        lab.wait(0.05)
    if c.sock:
        c.recv(timeout=0.5)
        c.close()
    lab.rtt()
    if s.sock:
        s.drain(timeout=0.4)
        s.close()
    lab.rtt(2.2)


def labels(flags):
    out = ["forged-data", "half-open", "challenge-ack"]
    if "R" in flags:
        out += ["forged-rst", "rst-ignored", "time-wait-assassination"]
    if "S" in flags or flags == "copy":
        out += ["duplicate-syn"]
    if "F" in flags or flags == "copy":
        out += ["forged-fin"]
    return out


def pair(state, segment, after):
    reach, side, known_as, delay = STATES[state]
    flags, how = SEGMENTS[segment]

    def f(lab):
        lab.connecting_both = state == "syn_rcvd_crossed"
        if state in ("listen", "closed"):
            lab.kinds["client"] = "none"
        reach(lab)
        if known_as and state_of(lab, side, known_as, 0.15) != known_as:
            raise RuntimeError("the %s is not in %s" % (side, known_as))
        at = time.time()
        passed = meet(lab, side, flags, how)
        if passed is None:
            return {"skip": True}
        answers = [p for p in passed if p.from_server == (side == "server")]
        now = state_of(lab, side, patience=0.05)
        if known_as == "TIME_WAIT" and any(p.synack for p in answers):
            lab.boundaries.append(at)
            lab.pairs.append((lab.local("client"), lab.local("server")))
            lab.kinds["client"] = "none"
        cell = {"state": state, "segment": segment, "answer": [words(p) for p in answers], "after": now or "CLOSED",
                "lines": [line(lab, passed[0], stamps(passed[0], how))] + [line(lab, p) for p in passed[1:]]}
        if after:
            go_on(lab)
        else:
            lab.rtt(2.2)
        return {"labels": labels(flags), "late": False, "cell": cell}
    f.__name__ = "matrix_%s_%s" % (state, segment) + ("" if after else "_then_silence")
    f.__doc__ = "%s meets %s" % (state, segment)
    situation(delay=delay)(f)


for _state in STATES:
    for _segment in SEGMENTS:
        for _after in (True, False):
            pair(_state, _segment, _after)


def cells(folder):
    """Yield what was recorded for each state and segment, in the order of the tables above."""
    for state in STATES:
        for segment in SEGMENTS:
            for name in ("matrix_%s_%s" % (state, segment), "matrix_%s_%s_then_silence" % (state, segment)):
                path = os.path.join(folder, name, "truth.json")
                if os.path.exists(path):
                    yield json.load(open(path))["cell"]
                    break


def main():
    found = list(cells(sys.argv[1]))
    for c in found:
        print("%-20s %-22s %-12s %s" % (c["state"], c["segment"], " ".join(c["answer"]) or "-", c["after"]))
    for state in STATES if len(sys.argv) > 2 else ():
        path = os.path.join(sys.argv[2], state + ".txtar")
        with open(path) as f:
            head = f.read().split("-- met ", 1)[0]
        with open(path, "w") as f:
            f.write(head)
            for c in found:
                if c["state"] == state:
                    f.write("-- met %s: %s %s --\n" % (c["segment"], STATES[state][1], c["after"]))
                    f.writelines("+%s %s\n" % ("0.005 " if i == 0 else "0.0001", text) for i, text in enumerate(c["lines"]))


if __name__ == "__main__":
    main()
