package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tcpflow-explain/tcpflow-explain/analyzer/detect"
)

// parse runs the command line and returns the options that it leads to.
func parse(t *testing.T, args ...string) (got options, err error) {
	t.Helper()
	cmd := newCommand(func(o options) error { got = o; return nil }, nil)
	cmd.SetArgs(args)
	return got, cmd.Execute()
}

// TestTcpdumpLines: what fingers type for tcpdump means the same here.
func TestTcpdumpLines(t *testing.T) {
	for _, tc := range []struct {
		line string
		want func(*options) // changes to a live capture on any
	}{
		{"-i any", func(*options) {}},
		{"-nni any", func(*options) {}},
		{"-iany -c5", func(o *options) { o.packets = 5 }},
		{"port 9000 -i any", func(o *options) { o.filter = "port 9000" }},
		{"-i any tcp and not port 22", func(o *options) { o.filter = "tcp and not port 22" }},
		{"-i any -- tcp[tcpflags] & (tcp-syn) != 0", func(o *options) { o.filter = "tcp[tcpflags] & (tcp-syn) != 0" }},
		{"-lnvvpi any -s0 -B 64", func(o *options) {
			o.verbose, o.promiscuous, o.snaplen, o.buffer = 2, false, 262144, 64*1024
		}},
		{"-i any -w out.pcap", func(o *options) { o.savefile, o.snaplen = "out.pcap", 262144 }},
		{"-i any -w out.pcap -s 96", func(o *options) { o.savefile, o.snaplen = "out.pcap", 96 }},
		{"-i any -w out.pcap -C 100 -W 5 -Z root", func(o *options) {
			o.savefile, o.snaplen = "out.pcap", 262144
			o.live.megabytes, o.live.files, o.live.user = 100, 5, "root"
		}},
		{"-r - --immediate-mode", func(o *options) { o.iface, o.files = "", []string{"-"} }},
		{"-i any --fail-on=warning", func(o *options) { o.failOn = detect.Warning }},
	} {
		t.Run(tc.line, func(t *testing.T) {
			want := options{
				iface: "any", snaplen: 256, buffer: 16 << 20, promiscuous: true,
				failOn: neverFail, color: "auto",
				live: liveFlags{connections: defaultConnections, memoryMiB: defaultMemoryMiB},
			}
			tc.want(&want)
			got, err := parse(t, strings.Fields(tc.line)...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(options{}, liveFlags{}, pageFlags{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFilterKeywords: no subcommand may shadow a word that can begin a filter
// (pcap-filter(7)).
func TestFilterKeywords(t *testing.T) {
	keywords := strings.Fields(`action address ah arp atalk bc broadcast byte carp clns decnet dir dst egp esp ether fddi
		fin gateway geneve greater host icmp icmp6 igmp igrp inbound ip ip6 ipx isis iso l1 l2 lane lat len less link
		mopdl mopr mpls multicast net netmask not on or and outbound pim portrange port pppoed pppoes proto protochain
		radio rarp reason rnr rset sctp sca slip src stp subtype tcp tr type udp vci vlan vpi vrrp vxlan wlan`)
	cmd := console{}.command()
	cmd.InitDefaultHelpCmd()
	cmd.InitDefaultCompletionCmd("completion")
	for _, sub := range cmd.Commands() {
		for _, name := range append(sub.Aliases, sub.Name()) {
			for _, keyword := range keywords {
				if name == keyword {
					t.Errorf("the subcommand %q is a keyword of filters", name)
				}
			}
		}
	}
}

func TestFilterFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "filter")
	text := "# the service\ntcp port 9000 # and its clients\n  and host 192.0.2.1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := parse(t, "-i", "any", "-F", path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "tcp port 9000 and host 192.0.2.1"; got.filter != want {
		t.Errorf("filter %q, want %q", got.filter, want)
	}
	if _, err := parse(t, "-i", "any", "-F", path, "port", "80"); err == nil {
		t.Error("words beside -F were ignored")
	}
}
