package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// database stands in for FerretDB: it answers each message once it may, and
// counts how many commands run at the same time.
type database struct {
	running, most atomic.Int32
	began         chan string
	mayEnd        chan struct{}
}

// useFront starts a front with a stand-in behind it, and gives its address.
func useFront(t *testing.T, commandLimit time.Duration) (*front, *database, string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "front-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	upstream, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = upstream.Close() })
	db := &database{began: make(chan string, 1000), mayEnd: make(chan struct{}, 1000)}
	go db.serve(upstream)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	f := newFront(socket, commandLimit)
	go f.serve(listener)
	return f, db, listener.Addr().String()
}

func (d *database) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			requests := bufio.NewReader(conn)
			for {
				request, err := readMessage(requests)
				if err != nil {
					return
				}
				if _, err := conn.Write(d.answer(request)); err != nil {
					return
				}
			}
		}()
	}
}

// answer waits for leave to end, but not for a ping.
func (d *database) answer(request message) message {
	running := d.running.Add(1)
	if running > d.most.Load() {
		d.most.Store(running)
	}
	d.began <- request.command()
	if request.command() != "ping" {
		<-d.mayEnd
	}
	d.running.Add(-1)
	reply := newMessage(0, request.requestID(), 0, "ok")
	if request.command() == "long" {
		reply = append(reply, make([]byte, 32<<20)...)
		binary.LittleEndian.PutUint32(reply, uint32(len(reply)))
	}
	return reply
}

func newMessage(id, responseTo, flags uint32, command string) message {
	body := append([]byte{0, 0, 0, 0, 0, 1}, command...)
	body = append(body, 0)
	body = append(body, make([]byte, 9)...)
	binary.LittleEndian.PutUint32(body[1:], uint32(len(body)-1))
	m := make(message, headerLength+4, headerLength+4+len(body))
	binary.LittleEndian.PutUint32(m[0:], uint32(headerLength+4+len(body)))
	binary.LittleEndian.PutUint32(m[4:], id)
	binary.LittleEndian.PutUint32(m[8:], responseTo)
	binary.LittleEndian.PutUint32(m[12:], opMsg)
	binary.LittleEndian.PutUint32(m[16:], flags)
	return append(m, body...)
}

// client is one connection to the front.
type client struct {
	t       *testing.T
	conn    net.Conn
	replies *bufio.Reader
}

func dial(t *testing.T, address string) client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	return client{t, conn, bufio.NewReader(conn)}
}

func (c client) send(m message) {
	c.t.Helper()
	if _, err := c.conn.Write(m); err != nil {
		c.t.Fatal(err)
	}
}

func (c client) wantReply(to uint32) {
	c.t.Helper()
	reply, err := readMessage(c.replies)
	if err != nil {
		c.t.Fatalf("reply to %d: %v", to, err)
	}
	if reply.responseTo() != to {
		c.t.Fatalf("got the reply to %d, want that to %d", reply.responseTo(), to)
	}
}

// wantClosed reads to the end of the connection.
func (c client) wantClosed() {
	c.t.Helper()
	if _, err := c.replies.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatalf("connection is not closed: %v", err)
	}
}

func wait[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(10 * time.Second):
		t.Fatal("gave up waiting after 10 s")
		panic("unreachable")
	}
}

func TestFrontPassesOneChangeAtATime(t *testing.T) {
	_, db, address := useFront(t, time.Minute)
	for range 200 {
		db.mayEnd <- struct{}{}
	}
	var clients sync.WaitGroup
	for range 8 {
		c := dial(t, address)
		clients.Add(1)
		go func() {
			defer clients.Done()
			for id := range uint32(25) {
				c.send(newMessage(id, 0, 0, "update"))
				c.wantReply(id)
			}
		}()
	}
	clients.Wait()
	if most := db.most.Load(); most != 1 {
		t.Fatalf("%d commands ran at the same time", most)
	}
}

func TestFrontRunsPingsAndReadsBesideAChange(t *testing.T) {
	_, db, address := useFront(t, time.Minute)
	changing, reading, pinging := dial(t, address), dial(t, address), dial(t, address)
	changing.send(newMessage(1, 0, 0, "insert"))
	wait(t, db.began)
	reading.send(newMessage(2, 0, 0, "find"))
	wait(t, db.began)
	pinging.send(newMessage(3, 0, 0, "ping"))
	pinging.wantReply(3)
	db.mayEnd <- struct{}{}
	db.mayEnd <- struct{}{}
	changing.wantReply(1)
	reading.wantReply(2)
}

func TestFrontBoundsReadsThatRunAtOnce(t *testing.T) {
	_, db, address := useFront(t, time.Minute)
	for id := range uint32(maxReaders + 2) {
		dial(t, address).send(newMessage(id, 0, 0, "find"))
	}
	for range maxReaders {
		wait(t, db.began)
	}
	for range maxReaders + 2 {
		db.mayEnd <- struct{}{}
	}
	wait(t, db.began)
	wait(t, db.began)
	if most := db.most.Load(); most > maxReaders {
		t.Fatalf("%d reads ran at the same time", most)
	}
}

func TestFrontGoesOnWhenAClientLeavesInTheMiddleOfACommand(t *testing.T) {
	_, db, address := useFront(t, time.Minute)
	leaving, staying := dial(t, address), dial(t, address)
	leaving.send(newMessage(1, 0, 0, "insert"))
	wait(t, db.began)
	_ = leaving.conn.Close()
	staying.send(newMessage(2, 0, 0, "insert"))
	// The command of the one who left is still at work, so its turn goes on.
	select {
	case command := <-db.began:
		t.Fatalf("%s began beside the other", command)
	case <-time.After(50 * time.Millisecond):
	}
	db.mayEnd <- struct{}{}
	db.mayEnd <- struct{}{}
	staying.wantReply(2)
}

func TestFrontGoesOnWhenAClientStopsInTheMiddleOfAMessage(t *testing.T) {
	_, db, address := useFront(t, time.Minute)
	slow, quick := dial(t, address), dial(t, address)
	whole := newMessage(1, 0, 0, "insert")
	slow.send(whole[:20])
	db.mayEnd <- struct{}{}
	quick.send(newMessage(2, 0, 0, "insert"))
	quick.wantReply(2)
	db.mayEnd <- struct{}{}
	slow.send(whole[20:])
	slow.wantReply(1)
}

func TestFrontGoesOnWhenAClientDoesNotTakeItsReply(t *testing.T) {
	_, db, address := useFront(t, time.Minute)
	deaf, staying := dial(t, address), dial(t, address)
	db.mayEnd <- struct{}{}
	deaf.send(newMessage(1, 0, 0, "long"))
	wait(t, db.began)
	db.mayEnd <- struct{}{}
	staying.send(newMessage(2, 0, 0, "insert"))
	staying.wantReply(2)
	deaf.wantReply(1)
}

func TestFrontGivesNoReplyToAWriteThatWantsNone(t *testing.T) {
	_, db, address := useFront(t, time.Minute)
	c := dial(t, address)
	db.mayEnd <- struct{}{}
	c.send(newMessage(1, 0, flagMoreToCome, "insert"))
	c.send(newMessage(2, 0, 0, "ping"))
	c.wantReply(2)
}

func TestFrontRefusesLengthsThatCannotBe(t *testing.T) {
	_, _, address := useFront(t, time.Minute)
	for _, length := range []uint32{0, headerLength - 1, maxMessageLength + 1, 1 << 31} {
		m := newMessage(1, 0, 0, "ping")
		binary.LittleEndian.PutUint32(m, length)
		c := dial(t, address)
		c.send(m)
		c.wantClosed()
	}
}

func TestFrontGivesUpOnACommandThatDoesNotEnd(t *testing.T) {
	f, db, address := useFront(t, 50*time.Millisecond)
	c := dial(t, address)
	c.send(newMessage(1, 0, 0, "insert"))
	wait(t, db.began)
	if err := wait(t, f.failed); !strings.Contains(err.Error(), `command "insert" did not end within 50ms`) {
		t.Fatal(err)
	}
}

func TestFrontEndLetsARunningCommandFinish(t *testing.T) {
	f, db, address := useFront(t, time.Minute)
	busy, idle := dial(t, address), dial(t, address)
	idle.send(newMessage(1, 0, 0, "ping"))
	idle.wantReply(1)
	busy.send(newMessage(2, 0, 0, "insert"))
	for wait(t, db.began) != "insert" {
	}
	ended := make(chan struct{})
	go func() {
		f.end(10 * time.Second)
		close(ended)
	}()
	idle.wantClosed()
	db.mayEnd <- struct{}{}
	busy.wantReply(2)
	busy.wantClosed()
	wait(t, ended)
}
