"""Record situations: run.py --out DIR [--jobs N] [NAME ...]; without names all of them."""
import argparse
import os
import subprocess
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def record(name, out):
    import matrix  # registers its situations too
    import scenarios
    from lab import Lab
    run, options = scenarios.ALL[name]
    lab = Lab(name, out, **options)
    try:
        run(lab)
    finally:
        lab.clean()


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--out", required=True)
    ap.add_argument("--jobs", type=int, default=6)
    ap.add_argument("--one", help=argparse.SUPPRESS)
    ap.add_argument("names", nargs="*")
    a = ap.parse_args()
    if a.one:
        try:
            record(a.one, a.out)
        except Exception:
            traceback.print_exc()
            return 1
        return 0
    import matrix
    import scenarios
    names = [n for n in scenarios.ALL if not a.names or any(x in n for x in a.names)]
    running, failed = {}, []
    while names or running:
        while names and len(running) < a.jobs:
            n = names.pop(0)
            running[n] = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--out", a.out, "--one", n])
        n, p = next(iter(running.items()))
        if p.wait():
            failed.append(n)
        del running[n]
    if failed:
        print("failed:", " ".join(failed))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
