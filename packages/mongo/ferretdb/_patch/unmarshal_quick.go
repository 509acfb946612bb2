package sjson

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/FerretDB/FerretDB/internal/types"
)

// unmarshalQuick decodes a document that looks as Marshal writes it, in a tenth
// of the time. For any other it gives nil; Unmarshal goes on with it then.
//
// A scan decodes every document, with its schema, which is mostly the schema of
// the document before.
func unmarshalQuick(data []byte) *types.Document {
	rest, ok := bytes.CutPrefix(data, []byte(`{"$s":`))
	if !ok {
		return nil
	}
	length := valueLength(rest)
	sch := schemas.find(rest[:length])
	if sch == nil {
		return nil
	}
	rest = rest[length:]
	d := types.MakeDocument(len(sch.Keys))
	for _, key := range sch.Keys {
		if rest, ok = cutKey(rest, key); !ok {
			return nil
		}
		length := valueLength(rest)
		value, ok := quickValue(rest[:length], sch.Properties[key])
		if !ok {
			return nil
		}
		d.Set(key, value)
		rest = rest[length:]
	}
	if string(rest) != "}" {
		return nil
	}
	return d
}

// cutKey removes `,"key":` from the beginning.
func cutKey(data []byte, key string) ([]byte, bool) {
	end := len(key) + 4
	if len(data) < end || data[0] != ',' || data[1] != '"' ||
		string(data[2:end-2]) != key || data[end-2] != '"' || data[end-1] != ':' {
		return nil, false
	}
	return data[end:], true
}

// valueLength tells how long the JSON value is that data begins with. It may be
// anything if data is no JSON.
func valueLength(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i += stringLength(data[i:]) - 1
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
			if depth < 0 {
				return i
			}
		case ',':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return min(i+1, len(data))
		}
	}
	return len(data)
}

// stringLength tells how long the JSON string is, with its quotes.
func stringLength(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// quickValue decodes a value of the types that are most common by itself.
func quickValue(data []byte, sch *elem) (any, bool) {
	if sch == nil || len(data) == 0 || data[0] == 'n' {
		return slowValue(data, sch)
	}
	switch sch.Type {
	case elemTypeString:
		return quickString(data)
	case elemTypeObjectID:
		var id types.ObjectID
		if len(data) != 2*len(id)+2 || data[0] != '"' {
			return nil, false
		}
		_, err := hex.Decode(id[:], data[1:len(data)-1])
		return id, err == nil
	case elemTypeDate:
		ms, err := strconv.ParseInt(string(data), 10, 64)
		return time.UnixMilli(ms), err == nil
	case elemTypeInt:
		n, err := strconv.ParseInt(string(data), 10, 32)
		return int32(n), err == nil
	case elemTypeLong:
		n, err := strconv.ParseInt(string(data), 10, 64)
		return n, err == nil
	default:
		return slowValue(data, sch)
	}
}

func quickString(data []byte) (any, bool) {
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return nil, false
	}
	inner := data[1 : len(data)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), utf8.Valid(inner)
	}
	var s string
	err := json.Unmarshal(data, &s)
	return s, err == nil
}

func slowValue(data []byte, sch *elem) (any, bool) {
	value, err := unmarshalSingleValue(data, sch)
	return value, err == nil
}

// Bounds of what is remembered: some megabytes at most.
const (
	maxSchemas      = 1000
	maxSchemaLength = 4096
)

// schemas remembers decoded schemas by their text. Nobody changes them.
var schemas = schemaCache{known: map[string]*schema{}}

type schemaCache struct {
	m     sync.RWMutex
	known map[string]*schema
}

// find gives a schema, nil if it is none, or one not to be decoded quickly.
func (c *schemaCache) find(text []byte) *schema {
	c.m.RLock()
	sch, ok := c.known[string(text)]
	c.m.RUnlock()
	if ok || len(text) > maxSchemaLength {
		return sch
	}
	sch = parseSchema(text)
	c.m.Lock()
	defer c.m.Unlock()
	if len(c.known) >= maxSchemas {
		clear(c.known)
	}
	c.known[string(text)] = sch
	return sch
}

func parseSchema(text []byte) *schema {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var sch schema
	if dec.Decode(&sch) != nil || dec.InputOffset() != int64(len(text)) {
		return nil
	}
	seen := make(map[string]struct{}, len(sch.Keys))
	for _, key := range sch.Keys {
		if !isPlainKey(key) {
			return nil
		}
		seen[key] = struct{}{}
	}
	if len(seen) != len(sch.Keys) {
		return nil
	}
	return &sch
}

// isPlainKey tells whether a key is the same in JSON.
func isPlainKey(key string) bool {
	for _, r := range key {
		if r < ' ' || r == '"' || r == '\\' || r == utf8.RuneError {
			return false
		}
	}
	return key != "$s"
}
