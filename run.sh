#!/bin/sh
# Builds tcpflow-explain and shows it at work, on a machine that has Go and git
# and need not have anything else:
#
#   ./run.sh         installs what the build lacks, builds ./tcpflow-explain and
#                    explains a capture that ships with the project
#   ./run.sh test    gofmt, go vet, staticcheck, then all tests
#   ./run.sh bench   measures against tcpdump on captures that it makes, and writes
#                    the README's table; --quick takes a fifth and only prints it
set -eu
exec </dev/null # nothing here may wait for an answer; sudo asks on the terminal
cd -- "$(dirname -- "$0")"

demo=testdata/pcap/final_ack_lost-client.pcap

say() { printf 'run.sh: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		say "not root and no sudo: cannot run: $*"
		return 1
	fi
}

# links_libpcap is true when the C compiler that cgo will call can build a program
# against libpcap: a header without its library, or the reverse, does not pass.
links_libpcap() {
	probe=$(mktemp -d) || return 1
	printf '#include <pcap/pcap.h>\nint main(void)\n{ return pcap_lib_version() == 0; }\n' >"$probe/probe.c"
	status=0
	$(go env CC) -o "$probe/probe" "$probe/probe.c" -lpcap >/dev/null 2>&1 || status=$?
	rm -rf "$probe"
	return "$status"
}

# install takes the packages by their Debian names.
install() {
	say "installing: $*"
	if have apt-get; then
		as_root apt-get update -q || say "apt-get update failed; trying with the lists at hand"
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
	elif have dnf; then
		# shellcheck disable=SC2046 # one word per package
		as_root dnf install -y $(renamed libc6-dev=glibc-devel libpcap-dev=libpcap-devel iproute2=iproute -- "$@")
	elif have apk; then
		# shellcheck disable=SC2046
		as_root apk add $(renamed libc6-dev=musl-dev -- "$@")
	elif have brew; then
		brew install libpcap # the compiler comes with Xcode's command line tools
	else
		say "no package manager that this script knows (apt-get, dnf, apk, brew)"
		return 1
	fi
}

# renamed prints the words after "--", those that a pair OLD=NEW names by their new name.
renamed() {
	pairs=
	while [ "$1" != -- ]; do
		pairs="$pairs $1"
		shift
	done
	shift
	for word; do
		for pair in $pairs; do
			if [ "${pair%%=*}" = "$word" ]; then
				word=${pair#*=}
				break
			fi
		done
		printf '%s\n' "$word"
	done
}

prepare_build() {
	have go || PATH=$PATH:/usr/local/go/bin
	have go || die "Go is missing: install it from https://go.dev/dl/ and run this again"
	links_libpcap && return
	install gcc libc6-dev libpcap-dev ca-certificates || say "the installation failed"
	links_libpcap || die "no C compiler with libpcap's headers: install gcc, libc6-dev and libpcap-dev (Debian's names) and run this again"
}

# prepare_tests brings the programs that single tests call. Tests skip what is
# missing and say so, hence no failure here.
prepare_tests() {
	missing=
	have tcpdump || missing="$missing tcpdump"
	have ip || missing="$missing iproute2"
	have nft || missing="$missing nftables"
	have xmllint || missing="$missing libxml2-utils"
	have chromium || have chromium-browser || have google-chrome || prepare_browser
	# Its package may start a server on port 80: only on machines that CI throws away.
	[ "${CI-}" != true ] || have nginx || missing="$missing nginx-light"
	[ -z "$missing" ] && return
	# shellcheck disable=SC2086 # one word per package
	install $missing || say "tests that need one of:$missing will be skipped"
}

# prepare_browser is apart from the rest: where a system has no package of this name,
# none that is asked for beside it would be installed.
prepare_browser() {
	install chromium || say "tests of the page in a browser will be skipped"
}

build() {
	go build -o tcpflow-explain ./cmd/tcpflow-explain
}

check() {
	say "gofmt"
	unformatted=$(gofmt -l analyzer cmd reassembly)
	[ -z "$unformatted" ] || die "not formatted: run gofmt -w on
$unformatted"
	say "go vet"
	go vet ./...
	say "staticcheck"
	go tool staticcheck ./...
	say "go test -race"
	go test -race ./analyzer/... ./reassembly/...
	say "what the kernel recorded, where its captures are at hand"
	go test -count=1 -v -run '^TestScore$' ./cmd/tcpflow-explain
	say "go test"
	go test ./...
}

# bench needs room for the largest capture, a gigabyte, in TMPDIR or /tmp.
bench() {
	have tcpdump || install tcpdump || die "tcpdump is missing: install it and run this again"
	say "measuring; this takes some minutes"
	go run ./cmd/internal/bench -bin ./tcpflow-explain -readme README.md "$@"
}

export CGO_ENABLED=1
case "${1-}" in
'')
	prepare_build
	build
	say "./tcpflow-explain -r $demo"
	./tcpflow-explain -r "$demo"
	;;
test)
	prepare_build
	prepare_tests
	check
	;;
bench)
	shift
	prepare_build
	build
	bench "$@"
	;;
*)
	die "unknown command: $1; type ./run.sh, ./run.sh test or ./run.sh bench"
	;;
esac
