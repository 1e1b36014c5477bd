"""Cut recorded captures in every way and keep the truth: scenarios out of scenarios.

usage: sweep.py --truth DIR --out DIR --kind end|begin|one|gap [--only NAME ...] [--max N] [--seed N]

end    the capture stops after its n-th frame, for every n
begin  the capture starts at its n-th frame, for every n
one    only what the client sent, only what the server sent
gap    single frames are missing, for every frame
"""
import argparse
import copy
import json
import os
import random
import struct
import sys

MAGICS = {b"\xd4\xc3\xb2\xa1": ("<", 1e-6), b"\x4d\x3c\xb2\xa1": ("<", 1e-9), b"\xa1\xb2\xc3\xd4": (">", 1e-6), b"\xa1\xb2\x3c\x4d": (">", 1e-9)}


def records(path):
    """Return the file header and [(time, record bytes, source address bytes)] of a classic pcap."""
    data = open(path, "rb").read()
    order, unit = MAGICS[data[:4]]
    link = struct.unpack(order + "I", data[20:24])[0] & 0xFFFF
    out, at = [], 24
    while at + 16 <= len(data):
        sec, sub, cap, _ = struct.unpack(order + "IIII", data[at:at + 16])
        out.append((sec + sub * unit, data[at:at + 16 + cap], source(link, data[at + 16:at + 16 + cap])))
        at += 16 + cap
    return data[:24], out


def source(link, p):
    """The address that sent the packet; for an ICMP error the one that it is about."""
    off = {1: 14, 113: 16, 276: 20}.get(link, 0)
    v = p[off] >> 4 if len(p) > off else 0
    if v == 4 and len(p) >= off + 20:
        return p[off + 12:off + 16]
    if v == 6 and len(p) >= off + 40:
        return p[off + 8:off + 24]
    return b""


def address(text):
    import ipaddress
    return ipaddress.ip_address(text.rsplit(":", 1)[0].strip("[]")).packed


def put(out, name, truth, captures, labels=()):
    """Write one derived scenario; captures is {file name: (header, records, stop)}."""
    folder = os.path.join(out, name)
    os.makedirs(folder, exist_ok=True)
    t = copy.deepcopy(truth)
    t["scenario"] = name
    t["labels"] = sorted(set(t["labels"]) | set(labels))
    stop = max(c[2] for c in captures.values())
    start = min(c[1][0][0] for c in captures.values())
    ends = lambda c: max([s["t"] for k in ("client_states", "server_states") for s in c[k] if s["t"]] or [stop + 1])
    begins = lambda c: min([s["t"] for k in ("client_states", "server_states") for s in c[k] if s["t"] and s["state"] != "LISTEN"] or [0])
    t["connections"] = [c for c in t["connections"] if begins(c) <= stop and ends(c) >= start - 0.2]
    for file, (header, recs, until) in captures.items():
        with open(os.path.join(folder, file), "wb") as f:
            f.write(header + b"".join(r[1] for r in recs))
        t["captures"][file] = dict(t["captures"].get(file, {}), stop=until)
    json.dump(t, open(os.path.join(folder, "truth.json"), "w"), indent=1)


def cuts(kind, recs, stop, conn, limit, rng, eager):
    """Yield (name, records, stop, labels) of every way to cut."""
    n = len(recs)
    some = lambda seq: list(seq) if len(seq) <= limit else sorted(rng.sample(list(seq), limit))
    if kind == "end":
        for k in some(range(1, n)):
            t, after = recs[k - 1][0], recs[k][0]
            yield "%03d" % k, recs[:k], min(t + 0.02, after) if eager else t, ["capture-ends-before-close"]
    elif kind == "begin":
        for k in some(range(1, n)):
            yield "%03d" % k, recs[k:], stop, ["midstream-pickup"]
    elif kind == "gap":
        for k in some(range(1, n - 1)):
            yield "%03d" % k, recs[:k] + recs[k + 1:], stop, ["capture-gaps"]
    elif kind == "one":
        for side in ("client", "server"):
            mine = [r for r in recs if r[2] == address(conn[side])]
            if mine:
                yield side, mine, stop, ["one-direction-only"]


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--truth", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--kind", required=True, choices=("end", "begin", "one", "gap"))
    ap.add_argument("--only", nargs="*")
    ap.add_argument("--max", type=int, default=40)
    ap.add_argument("--frames", type=int, default=200, help="leave longer captures alone")
    ap.add_argument("--eager", action="store_true", help="end: what happens right after the last frame counts too")
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    rng = random.Random(a.seed)
    for name in sorted(os.listdir(a.truth)):
        path = os.path.join(a.truth, name, "truth.json")
        if not os.path.exists(path) or (a.only and name not in a.only):
            continue
        truth = json.load(open(path))
        if len(truth["connections"]) > 4:
            continue
        for file in ("client.pcap", "server.pcap", "middle.pcap"):
            source_file = os.path.join(a.truth, name, file)
            if not os.path.exists(source_file):
                continue
            header, recs = records(source_file)
            if not 2 <= len(recs) <= a.frames:
                continue
            stop = truth["captures"][file].get("stop") or recs[-1][0]
            for cut, kept, until, labels in cuts(a.kind, recs, stop, truth["connections"][0], a.max, rng, a.eager):
                put(a.out, "%s@%s.%s.%s" % (name, a.kind, file[0], cut), truth, {file: (header, kept, until)}, labels)
    return 0


if __name__ == "__main__":
    sys.exit(main())
