package timeline

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"github.com/tcpflow-explain/tcpflow-explain/reassembly/packed"
)

// TestCode: every field of a connection comes back, also one that was added since,
// and into a Conn that was in use before.
func TestCode(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var p packed.Coder
	var got Conn
	for range 200 {
		var want Conn
		fill(reflect.ValueOf(&want).Elem(), r)
		p.Write(nil)
		want.Code(&p)
		got.Ends = want.Ends
		p.Read(p.Bytes())
		got.Code(&p)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("packed:   %+v\nunpacked: %+v", want, got)
		}
	}
}

// fill sets everything in v, exported or not, to something that is not its zero value.
func fill(v reflect.Value, r *rand.Rand) {
	v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	switch {
	case v.Type() == reflect.TypeFor[Side]():
		v.SetUint(r.Uint64N(uint64(Nobody)))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(1 + r.Int64N(1<<40))
	case v.CanUint():
		v.SetUint(1 + r.Uint64N(1<<v.Type().Bits()-1))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), r)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(9), 16))
		fallthrough
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), r)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), r)
		}
	default:
		panic("a kind of field that Code has no word for: " + v.Type().String())
	}
}
