package sjson

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/FerretDB/FerretDB/internal/types"
	"github.com/FerretDB/FerretDB/internal/util/must"
)

func document(pairs ...any) *types.Document {
	return must.NotFail(types.NewDocument(pairs...))
}

func array(values ...any) *types.Array {
	return must.NotFail(types.NewArray(values...))
}

var quickDocuments = map[string]*types.Document{
	"empty": document(),
	"a run": document(
		"_id", "tick@2026-01-01T00:00:00.000Z", "job", "tick",
		"started_at", time.UnixMilli(1767225600000), "outcome", "success",
		"end", `{"worker":"a:1","result":"fine"}`,
	),
	"all types": document(
		"_id", types.ObjectID{1, 2, 3}, "double", 1.5, "string", "x",
		"binary", types.Binary{Subtype: types.BinaryUser, B: []byte{1}}, "true", true, "false", false,
		"date", time.UnixMilli(-1), "null", types.Null, "regex", types.Regex{Pattern: "a", Options: "i"},
		"int", int32(math.MinInt32), "timestamp", types.Timestamp(7), "long", int64(math.MaxInt64),
		"object", document("a", document("b", array("}", `"`))), "no object", document(),
		"array", array(int32(1), array(), "]", document("x", "{")),
	),
	"strings":     document("a", `"\/`+"\x00\n\u2028<>&", "b", "ü€😀", "c", "", "d", "null", "e", `\`),
	"a blank key": document("", "x", " ", "y", "<&>", "z", "ü", "z"),
}

func TestUnmarshalQuickGivesWhatUnmarshalGives(t *testing.T) {
	for name, doc := range quickDocuments {
		t.Run(name, func(t *testing.T) {
			data := must.NotFail(Marshal(doc))
			for range 2 {
				got := unmarshalQuick(data)
				if want := must.NotFail(unmarshalWhole(data)); got == nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("got %#v, want %#v", got, want)
				}
			}
		})
	}
}

func TestUnmarshalQuickLeavesAloneWhatItDoesNotKnow(t *testing.T) {
	odd := map[string]string{
		"nothing":            ``,
		"no schema":          `{"a":1}`,
		"a blank":            `{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]}, "a":1}`,
		"another order":      `{"a":1,"$s":{"p":{"a":{"t":"int"}},"$k":["a"]}}`,
		"one field more":     `{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]},"a":1,"b":2}`,
		"one field less":     `{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]}}`,
		"a key twice":        `{"$s":{"p":{"a":{"t":"int"}},"$k":["a","a"]},"a":1,"a":1}`,
		"another key":        `{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]},"b":1}`,
		"no elements":        `{"$s":{"$k":["a"]},"a":1}`,
		"unknown elements":   `{"$s":{"p":{"a":{"t":"int"}},"$k":["a"],"x":1},"a":1}`,
		"another type":       `{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]},"a":"x"}`,
		"too large a number": `{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]},"a":2147483648}`,
		"a short id":         `{"$s":{"p":{"a":{"t":"objectId"}},"$k":["a"]},"a":"00"}`,
		"invalid UTF-8":      "{\"$s\":{\"p\":{\"a\":{\"t\":\"string\"}},\"$k\":[\"a\"]},\"a\":\"\xff\"}",
		"more after the end": `{"$s":{"p":{"a":{"t":"int"}},"$k":["a"]},"a":1}}`,
	}
	for name, data := range odd {
		if got := unmarshalQuick([]byte(data)); got != nil {
			t.Errorf("%s: got %#v", name, got)
		}
	}
	whole := must.NotFail(Marshal(quickDocuments["all types"]))
	for length := range whole {
		if got := unmarshalQuick(whole[:length]); got != nil {
			t.Errorf("the first %d bytes: got %#v", length, got)
		}
	}
}

func TestUnmarshalQuickRemembersABoundedNumberOfSchemas(t *testing.T) {
	for n := range maxSchemas + 10 {
		doc := document(fmt.Sprintf("key%d", n), int32(n))
		if unmarshalQuick(must.NotFail(Marshal(doc))) == nil {
			t.Fatal("not decoded")
		}
	}
	if known := len(schemas.known); known > maxSchemas {
		t.Fatalf("%d schemas are remembered", known)
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	data := must.NotFail(Marshal(quickDocuments["a run"]))
	for name, unmarshal := range map[string]func([]byte) (*types.Document, error){
		"quick": Unmarshal,
		"whole": unmarshalWhole,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must.NotFail(unmarshal(data))
			}
		})
	}
}
