package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// clientLimit bounds how long a client may take to send the rest of a message
// it has begun, or to take in a reply. Between messages it may rest for ever.
const clientLimit = time.Minute

// maxReaders bounds the reads that run at once, so that scans leave some of the
// processors to the others.
const maxReaders = 4

// front passes the messages of all clients to FerretDB, one change at a time.
//
// FerretDB 1.x reads, changes and writes back a document in separate
// statements: of two updates at once one is lost. Alone, each is atomic.
type front struct {
	socket       string
	commandLimit time.Duration
	// failed gives the reason why the front cannot go on.
	failed chan error

	// alone is held by the one command that may change something.
	alone sync.Mutex
	// readers holds an element for each read that runs.
	readers chan struct{}

	mu      sync.Mutex
	clients map[net.Conn]struct{}
	ending  bool
	open    sync.WaitGroup
}

func newFront(socket string, commandLimit time.Duration) *front {
	return &front{
		socket:       socket,
		commandLimit: commandLimit,
		failed:       make(chan error),
		readers:      make(chan struct{}, maxReaders),
		clients:      map[net.Conn]struct{}{},
	}
}

// serve takes connections until the listener is closed.
func (f *front) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// Out of file descriptors, most likely: they come back.
			fmt.Fprintf(os.Stderr, "cannot accept a connection: %v\n", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if f.enter(client) {
			go f.serveClient(client)
		}
	}
}

func (f *front) enter(client net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ending {
		_ = client.Close()
		return false
	}
	f.clients[client] = struct{}{}
	f.open.Add(1)
	return true
}

func (f *front) leave(client net.Conn) {
	_ = client.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.clients, client)
	f.open.Done()
}

// end lets running commands finish and closes all connections within a limit.
func (f *front) end(limit time.Duration) {
	f.mu.Lock()
	f.ending = true
	for client := range f.clients {
		// Wakes those that wait for a next message; replies still go out.
		_ = client.SetReadDeadline(time.Unix(1, 0))
	}
	f.mu.Unlock()

	done := make(chan struct{})
	go func() {
		f.open.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// serveClient passes messages on and replies back, until one side leaves. The
// client has a connection of its own to FerretDB, where cursors and logins
// belong to it.
func (f *front) serveClient(client net.Conn) {
	defer f.leave(client)
	upstream, err := net.Dial("unix", f.socket)
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot reach FerretDB: %v\n", err)
		return
	}
	defer upstream.Close()

	requests, replies := bufio.NewReader(client), bufio.NewReader(upstream)
	for {
		request, err := f.nextRequest(client, requests)
		if err != nil {
			return
		}
		reply, err := f.pass(upstream, replies, request)
		if err != nil {
			return
		}
		// FerretDB answers also where the client said it expects no answer.
		if request.wantsNoReply() {
			continue
		}
		_ = client.SetWriteDeadline(time.Now().Add(clientLimit))
		if _, err := client.Write(reply); err != nil {
			return
		}
	}
}

// nextRequest waits for a message without limit, and for its rest with one.
func (f *front) nextRequest(client net.Conn, requests *bufio.Reader) (message, error) {
	if _, err := requests.Peek(1); err != nil {
		return nil, err
	}
	if err := f.setReadDeadline(client, time.Now().Add(clientLimit)); err != nil {
		return nil, err
	}
	request, err := readMessage(requests)
	if err != nil {
		return nil, err
	}
	return request, f.setReadDeadline(client, time.Time{})
}

// setReadDeadline leaves the deadline alone that ends the connections.
func (f *front) setReadDeadline(client net.Conn, deadline time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ending {
		return net.ErrClosed
	}
	return client.SetReadDeadline(deadline)
}

// pass gives one message to FerretDB in its turn and reads the whole reply. A
// client that is slow, or gone, holds up nobody: it is not looked at before the
// turn is over.
func (f *front) pass(upstream net.Conn, replies *bufio.Reader, request message) (message, error) {
	turn := turnOf(request)
	defer f.takeTurn(turn)()
	_ = upstream.SetDeadline(time.Now().Add(f.commandLimit))
	if _, err := upstream.Write(request); err != nil {
		return nil, err
	}
	reply, err := readMessage(replies)
	if errors.Is(err, os.ErrDeadlineExceeded) && turn == turnAlone {
		// It may still be at work, so its turn does not end before the program.
		f.failed <- fmt.Errorf("command %q did not end within %v", request.command(), f.commandLimit)
		select {}
	}
	if err != nil {
		return nil, err
	}
	if reply.responseTo() != request.requestID() {
		return nil, fmt.Errorf("reply to %d came for %d", reply.responseTo(), request.requestID())
	}
	return reply, nil
}

// takeTurn waits until a command may run. The function it gives ends the turn.
func (f *front) takeTurn(turn turn) (end func()) {
	switch turn {
	case turnAlone:
		f.alone.Lock()
		return f.alone.Unlock
	case turnReading:
		f.readers <- struct{}{}
		return func() { <-f.readers }
	default:
		return func() {}
	}
}
