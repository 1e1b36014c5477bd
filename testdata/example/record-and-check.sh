#!/bin/sh
# Records what a command says over TCP on loopback, and checks it:
#
#   record-and-check.sh PORT COMMAND [ARGUMENT...]
#
# Leaves run.pcap and the reports in the directory $OUT, by default the current
# one. Exit status: that of the command if it fails, else that of the check. Needs
# the right to capture: root, or CAP_NET_RAW on tcpdump.
set -eu
here=$(dirname -- "$0")
out=${OUT:-.}
port=$1
shift

# Headers tell all: 128 bytes of each packet are enough. The shell opens the file,
# for tcpdump gives up root before it would.
tcpdump -i lo -s 128 -U --immediate-mode -w - "tcp port $port" >"$out/run.pcap" 2>"$out/tcpdump.log" &
tcpdump=$!
until grep -q 'listening on' "$out/tcpdump.log"; do
	if ! kill -0 "$tcpdump" 2>/dev/null; then
		cat "$out/tcpdump.log" >&2
		exit 4
	fi
	sleep 0.1
done

status=0
"$@" || status=$?

sleep 1 # connections end a little later than the programs that used them
kill -TERM "$tcpdump"
wait "$tcpdump" || : # it was asked to end
[ "$status" -eq 0 ] || exit "$status"

exec tcpflow-explain check -r "$out/run.pcap" -e "$here/expect.yaml" \
	--format text --format "junit=$out/tcp.xml" --format "sarif=$out/tcp.sarif" \
	--format "gitlab=$out/gl-code-quality-report.json"
