package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/gopacket/pcap"
	"golang.org/x/net/bpf"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly"
)

// Filter is an expression in tcpdump's grammar (pcap-filter(7)). Libpcap compiles it
// for each link type that appears; the program runs in golang.org/x/net/bpf. As with
// tcpdump, 'tcp' and 'port 80' do not look behind VLAN tags: 'vlan and port 80' does.
//
// An expression can make sense for some link types only ('ether host …' means nothing
// for raw IP). Frames of the others do not match, and Err tells about them.
type Filter struct {
	expr     string
	programs map[uint16]*program
	last     *program // the one that ran last: nearly always the next one, too
	errs     []error
}

// program is a filter expression compiled for one link type. A nil vm matches nothing.
type program struct {
	linkType    uint16
	vm          *bpf.VM
	code        []bpf.Instruction
	readsLength bool // it asks for the length of the frame
}

// usualLinkTypes are tried until one understands an expression. A mistake in grammar
// is one for all of them.
var usualLinkTypes = [...]uint16{linkTypeEthernet, 276, 113, linkTypeRaw, 127, 9, 117}

// CompileFilter compiles an expression; the empty one matches every frame. The error
// quotes the whole expression and says what libpcap has against it.
func CompileFilter(expr string) (*Filter, error) {
	f := &Filter{expr: strings.TrimSpace(expr), programs: map[uint16]*program{}}
	if f.expr == "" {
		return f, nil
	}
	var first error
	for _, linkType := range usualLinkTypes {
		p, err := compile(f.expr, linkType)
		if err == nil {
			f.programs[linkType] = p
			return f, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("the filter '%s' cannot be compiled: %w%s", f.expr, first, hint(f.expr, first))
}

// hint says what to try after a mistake in grammar.
func hint(expr string, err error) string {
	switch {
	case !strings.Contains(err.Error(), "syntax error"):
		return ""
	case strings.ContainsAny(expr, "&|=!<>"):
		return " (quote it as one word against the shell; the words are 'and', 'or', 'not', as in 'tcp port 80 and not host 10.0.0.1')"
	default:
		return " (the grammar is tcpdump's: 'tcp port 80 and not host 10.0.0.1'; quote brackets against the shell)"
	}
}

// String returns the expression.
func (f *Filter) String() string { return f.expr }

// Match reports whether a frame passes the filter.
func (f *Filter) Match(frame *reassembly.Frame) bool {
	if f.expr == "" {
		return true
	}
	if f.last == nil || f.last.linkType != frame.LinkType {
		f.last = f.programFor(frame.LinkType)
	}
	return f.last.match(frame)
}

// Err returns an error for each link type that has come to Match and that the
// expression cannot be used with, nil when there is none.
func (f *Filter) Err() error { return errors.Join(f.errs...) }

func (f *Filter) programFor(linkType uint16) *program {
	if p, ok := f.programs[linkType]; ok {
		return p
	}
	p, err := compile(f.expr, linkType)
	if err != nil {
		f.errs = append(f.errs, fmt.Errorf("the filter '%s' cannot be used with %s frames: %w", f.expr, LinkTypeName(linkType), err))
		p = &program{linkType: linkType}
	}
	f.programs[linkType] = p
	return p
}

// compile has libpcap compile an expression and makes it ready to run.
func compile(expr string, linkType uint16) (*program, error) {
	raw, err := compileRaw(expr, linkType)
	if err != nil {
		return nil, err
	}
	p := &program{linkType: linkType, code: make([]bpf.Instruction, len(raw))}
	for i, r := range raw {
		p.code[i] = bpf.RawInstruction{Op: r.Code, Jt: r.Jt, Jf: r.Jf, K: r.K}.Disassemble()
		switch ins := p.code[i].(type) {
		case bpf.LoadExtension:
			p.readsLength = p.readsLength || ins.Num == bpf.ExtLen
		case bpf.NegateA:
			return nil, errors.New("it negates a value of the packet; write '0 - x' instead of '-x'")
		case bpf.RawInstruction:
			return nil, fmt.Errorf("it needs an instruction that cannot be run (0x%02x)", ins.Op)
		}
	}
	p.vm, err = bpf.NewVM(p.code)
	return p, err
}

// compileRaw opens a capture without packets, because that is the only way to name a
// link type above 255 to gopacket's pcap.
func compileRaw(expr string, linkType uint16) ([]pcap.BPFInstruction, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	_, err = w.Write(emptyPcap(linkType))
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	// By name and not by pcap.OpenOfflineFile: that would close r a second time, and
	// with it whatever has got the same number meanwhile.
	handle, err := pcap.OpenOffline(fmt.Sprintf("/dev/fd/%d", r.Fd()))
	if err != nil {
		return nil, err
	}
	defer handle.Close()
	return handle.CompileBPFFilter(expr)
}

// emptyPcap returns a pcap file header in the host's byte order.
func emptyPcap(linkType uint16) []byte {
	b := binary.NativeEndian.AppendUint32(nil, 0xa1b2c3d4)
	b = binary.NativeEndian.AppendUint16(b, 2)
	b = binary.NativeEndian.AppendUint16(b, 4)
	b = binary.NativeEndian.AppendUint64(b, 0)
	b = binary.NativeEndian.AppendUint32(b, usualFrame)
	return binary.NativeEndian.AppendUint32(b, uint32(linkType))
}

func (p *program) match(f *reassembly.Frame) bool {
	if p.vm == nil {
		return false
	}
	vm := p.vm
	if p.readsLength && f.Length != len(f.Data) {
		vm = p.withLength(f.Length)
	}
	accepted, err := vm.Run(f.Data)
	return err == nil && accepted > 0
}

// withLength returns the program for a frame that the snap length cut: 'len' means
// the length on the wire, where the VM would take that of the captured bytes.
func (p *program) withLength(length int) *bpf.VM {
	code := make([]bpf.Instruction, len(p.code))
	for i, ins := range p.code {
		if ins == (bpf.LoadExtension{Num: bpf.ExtLen}) {
			ins = bpf.LoadConstant{Dst: bpf.RegA, Val: uint32(length)}
		}
		code[i] = ins
	}
	vm, err := bpf.NewVM(code)
	if err != nil {
		return p.vm // it was valid before, and a constant load is never invalid
	}
	return vm
}
