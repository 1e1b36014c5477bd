"""Misses that two scores have in common (by figure, capture and side)."""
import re, sys
def load(p):
    out = {}
    for l in open(p):
        m = re.match(r"(connections|states|moments|app|calm|clean)\s+(\S+)\s+(\S+)\s*(.*)", l)
        if m:
            out[m[1], m[2], m[3] if m[1] in ("states", "moments") else re.sub(r"gave \S+ reported","",m[3]+" "+m[4].split(" ")[0])] = l.rstrip()
    return out
a, b = load(sys.argv[1]), load(sys.argv[2])
for k in a:
    if k in b:
        print(a[k])
