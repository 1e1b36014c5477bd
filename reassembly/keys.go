package reassembly

// Keys holds keys where there are very many of them: that of two IPv4 endpoints in the
// HeldKey itself, others in a list. The zero Keys is empty and ready.
type Keys struct {
	long []Key
	free []uint32 // places in long
}

// HeldKey stands for a Key of one Keys, in a third of its size.
type HeldKey struct {
	a, b  uint32 // addresses; of a long key, a is its place
	ports uint32
	long  bool
}

// Hold takes k in.
func (ks *Keys) Hold(k *Key) HeldKey {
	if k.A.v4() && k.B.v4() {
		return HeldKey{a: be.Uint32(k.A.IP[12:]), b: be.Uint32(k.B.IP[12:]), ports: uint32(k.A.Port)<<16 | uint32(k.B.Port)}
	}
	place := uint32(len(ks.long))
	if n := len(ks.free); n > 0 {
		place = ks.free[n-1]
		ks.free = ks.free[:n-1]
		ks.long[place] = *k
	} else {
		ks.long = append(ks.long, *k)
	}
	return HeldKey{long: true, a: place}
}

// Get returns the Key that h stands for.
func (ks *Keys) Get(h *HeldKey) Key {
	if h.long {
		return ks.long[h.a]
	}
	return Key{A: endpointV4(h.a, uint16(h.ports>>16)), B: endpointV4(h.b, uint16(h.ports))}
}

// Is reports whether h stands for k.
func (ks *Keys) Is(h *HeldKey, k *Key) bool {
	if h.long {
		return k.Is(&ks.long[h.a])
	}
	return h.ports == uint32(k.A.Port)<<16|uint32(k.B.Port) && h.a == be.Uint32(k.A.IP[12:]) && h.b == be.Uint32(k.B.IP[12:]) &&
		k.A.v4() && k.B.v4()
}

// Drop lets go of the Key that h stands for.
func (ks *Keys) Drop(h *HeldKey) {
	if h.long {
		ks.free = append(ks.free, h.a)
	}
}

// v4 reports whether e has an IPv4 address.
func (e *Endpoint) v4() bool {
	return le.Uint64(e.IP[:]) == 0 && le.Uint32(e.IP[8:]) == 0xffff_0000
}

func endpointV4(ip uint32, port uint16) (e Endpoint) {
	e.IP[10], e.IP[11] = 0xff, 0xff
	be.PutUint32(e.IP[12:], ip)
	e.Port = port
	return e
}
