package reassembly

import "github.com/tcpflow-explain/tcpflow-explain/reassembly/packed"

// Code packs or unpacks h.
func (h *Half) Code(c *packed.Coder) {
	islands := h.island.Len()+h.unseen.Len() > 0
	c.Flags(&h.based, &h.Synced, &h.Sent, &h.data, &islands, &h.rivals)
	packed.Uint(c, &h.base)
	packed.Int(c, &h.Next)
	packed.Delta(c, &h.Edge, h.Next)
	packed.Delta(c, &h.Acked, h.Next)
	packed.Int(c, &h.FIN)
	packed.Int(c, &h.Missed)
	if islands {
		h.island.code(c)
		h.unseen.code(c)
	}
}

func (r *Ranges) code(c *packed.Coder) {
	n := len(r.spans)
	packed.Uint(c, &n)
	if c.Reading() {
		r.spans = make([]span, n)
	}
	last := int64(0)
	for i := range r.spans {
		s := &r.spans[i]
		packed.Delta(c, &s.from, last)
		packed.Delta(c, &s.to, s.from)
		last = s.to
	}
}

// Code packs or unpacks o.
func (o *Options) Code(c *packed.Coder) {
	blocks, stamped := o.Blocks > 0, o.TSVal|o.TSEcr != 0
	c.Flags(&blocks, &stamped)
	packed.Uint(c, &o.Has)
	packed.Uint(c, &o.WindowScale)
	packed.Uint(c, &o.MSS)
	packed.Uint(c, &o.CookieLength)
	if stamped {
		packed.Uint(c, &o.TSVal)
		packed.Uint(c, &o.TSEcr)
	}
	if !blocks {
		return
	}
	packed.Uint(c, &o.Blocks)
	for i := range o.SACK {
		packed.Uint(c, &o.SACK[i].Left)
		packed.Uint(c, &o.SACK[i].Right)
	}
}
