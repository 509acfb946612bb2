package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// Sizes and codes of MongoDB's wire protocol, see
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
const (
	headerLength     = 16
	maxMessageLength = 48_000_000

	opQuery = 2004
	opMsg   = 2013

	flagMoreToCome = 1 << 1
)

// message is one whole wire message, header included.
type message []byte

func (m message) requestID() uint32  { return binary.LittleEndian.Uint32(m[4:8]) }
func (m message) responseTo() uint32 { return binary.LittleEndian.Uint32(m[8:12]) }
func (m message) opCode() uint32     { return binary.LittleEndian.Uint32(m[12:16]) }

// wantsNoReply tells a write that nobody waits for (write concern 0).
func (m message) wantsNoReply() bool {
	return m.opCode() == opMsg && len(m) >= headerLength+4 &&
		binary.LittleEndian.Uint32(m[headerLength:])&flagMoreToCome != 0
}

// readMessage reads one message. Its length is checked before anything is
// allocated for it, and memory grows only with what has arrived.
func readMessage(r *bufio.Reader) (message, error) {
	header, err := r.Peek(headerLength)
	if err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(header)
	if length < headerLength || length > maxMessageLength {
		return nil, fmt.Errorf("message of %d bytes is not between %d and %d", length, headerLength, maxMessageLength)
	}
	var buffer bytes.Buffer
	if _, err := io.CopyN(&buffer, r, int64(length)); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// command names the command of a message, "" if it cannot be told.
func (m message) command() string {
	if m.opCode() != opMsg || len(m) < headerLength+4 {
		return ""
	}
	for sections := m[headerLength+4:]; len(sections) > 5; {
		kind, size := sections[0], binary.LittleEndian.Uint32(sections[1:])
		if kind == 0 {
			return firstKey(sections[5:])
		}
		if uint64(size)+1 >= uint64(len(sections)) {
			return ""
		}
		sections = sections[1+size:]
	}
	return ""
}

// firstKey reads the name of the first element of a BSON document without its
// length: a byte of type, then the name up to a zero byte.
func firstKey(elements []byte) string {
	if len(elements) < 2 || elements[0] == 0 {
		return ""
	}
	name, _, found := bytes.Cut(elements[1:], []byte{0})
	if !found {
		return ""
	}
	return string(name)
}
