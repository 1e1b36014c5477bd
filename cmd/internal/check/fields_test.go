package check_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/check"
	"github.com/tcpflow-explain/tcpflow-explain/cmd/internal/sink"
)

// own are the fields of the NDJSON report that expectations have in another form
// or not at all: what they are is told by others.
var own = map[string]bool{
	"connection.type": true, "connection.schema": true, "connection.doubts": true,
	"connection.states.client": true, "connection.states.server": true, // .all and .last
	"connection.findings": true, // .details
	"summary.type":        true, "summary.schema": true, "summary.files": true, "summary.by_state": true,
	"summary.damage": true, "summary.elapsed": true,
}

// TestFieldsAreThoseOfNDJSON: each field of the NDJSON report can be asked by its name.
func TestFieldsAreThoseOfNDJSON(t *testing.T) {
	var b bytes.Buffer
	replay(t, lossy, sink.NewJSON(&b, sink.JSONOptions{}))
	for _, line := range bytes.Split(bytes.TrimSpace(b.Bytes()), []byte("\n")) {
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatal(err)
		}
		switch kind := fields["type"]; kind {
		case "connection":
			compareFields(t, "connection", fields, reflect.TypeFor[check.Connection]())
		case "summary":
			compareFields(t, "summary", fields, reflect.TypeFor[check.Capture]())
		default:
			t.Errorf("unknown line %v", kind)
		}
	}
}

func compareFields(t *testing.T, path string, fields map[string]any, of reflect.Type) {
	t.Helper()
	known := map[string]reflect.Type{}
	for i := range of.NumField() {
		known[of.Field(i).Tag.Get("expr")] = of.Field(i).Type
	}
	for name, value := range fields {
		at := path + "." + name
		if own[at] {
			continue
		}
		inner, isObject := value.(map[string]any)
		switch field := known[name]; {
		case field == nil:
			t.Errorf("expectations do not know %s", at)
		case isObject && field.Kind() == reflect.Struct:
			compareFields(t, at, inner, field)
		}
	}
}
