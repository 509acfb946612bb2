// Command ferretdb is the embedded database: FerretDB (MongoDB's wire protocol
// on SQLite) behind a front that makes its commands atomic.
//
// It prints "listening HOST:PORT" on standard output once it answers, and ends
// on SIGTERM, SIGINT and, if told so, at the end of its standard input.
//
// Exit codes: 0 ended as asked, 1 failed, 2 wrong flags, 3 the data folder is
// in use, 4 the address is in use.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

const (
	exitFailed       = 1
	exitUsage        = 2
	exitDataInUse    = 3
	exitAddressInUse = 4
)

// endLimit bounds each of the two steps of ending: open connections first,
// FerretDB after them.
const endLimit = 1500 * time.Millisecond

// gcPercent lets garbage grow to several times what is in use, which is little,
// before it is collected: a scan leaves much of it. It takes a fifth off what a
// scan costs, for some 40 MB.
const gcPercent = 400

// socket is the private socket of FerretDB, named from within the data folder,
// which nobody else can enter: the path of a socket ends at some 100 bytes.
const socket = "socket"

type options struct {
	listen        string
	data          string
	exitWithStdin bool
	commandLimit  time.Duration
}

func main() {
	opts := options{}
	flag.StringVar(&opts.listen, "listen", "127.0.0.1:27017", "`host:port` to listen on; port 0 takes any free one")
	flag.StringVar(&opts.data, "data", "", "data `folder`; made if it is not there")
	flag.BoolVar(&opts.exitWithStdin, "exit-with-stdin", false, "end at the end of standard input, so that no orphan outlives a killed parent")
	flag.DurationVar(&opts.commandLimit, "command-limit", 10*time.Minute, "longest `time` one command may take; the program gives up after it")
	flag.Parse()
	if opts.data == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(exitUsage)
	}

	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}

	// A parent that was killed leaves broken pipes: writing to them must not
	// end the program before it has closed its files.
	signal.Ignore(syscall.SIGPIPE)

	if err := run(opts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitCode(err))
	}
}

func exitCode(err error) int {
	switch {
	case errors.Is(err, errDataInUse):
		return exitDataInUse
	case errors.Is(err, syscall.EADDRINUSE):
		return exitAddressInUse
	default:
		return exitFailed
	}
}

// run serves until it is told to end or cannot go on.
func run(opts options) error {
	signals, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	var stdinEnded chan struct{}
	if opts.exitWithStdin {
		stdinEnded = make(chan struct{})
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			close(stdinEnded)
		}()
	}

	lock, err := lockData(opts.data)
	if err != nil {
		return err
	}
	defer lock.release()

	listener, err := net.Listen("tcp", opts.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", opts.listen, err)
	}
	defer listener.Close()

	if err := lock.describe(listener.Addr().String()); err != nil {
		return err
	}

	endFerretDB, err := startFerretDB(opts.data)
	if err != nil {
		return err
	}
	front := newFront(socket, opts.commandLimit)
	go front.serve(listener)
	fmt.Printf("listening %s\n", listener.Addr())

	var failure error
	select {
	case <-signals.Done():
	case <-stdinEnded:
	case failure = <-front.failed:
	}
	_ = listener.Close()
	front.end(endLimit)
	endFerretDB(endLimit)
	return failure
}

// startFerretDB runs FerretDB on its socket in the data folder, which becomes
// the working folder. The function it gives ends it, waiting no longer than a
// limit.
func startFerretDB(data string) (end func(limit time.Duration), err error) {
	// FerretDB takes the folder as a URL but does not escape it again for
	// SQLite: a relative one is right whatever the folder is called.
	if err := os.Chdir(data); err != nil {
		return nil, fmt.Errorf("cannot enter the data folder: %w", err)
	}
	// One that was killed leaves its socket behind.
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("cannot remove the old socket: %w", err)
	}
	// Below errors FerretDB logs each refused command with its documents, which
	// the client knows from the reply. It reports no telemetry when embedded.
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	db, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: socket},
		Logger:    logger,
		Handler:   "sqlite",
		SQLiteURL: "file:./",
	})
	if err != nil {
		return nil, fmt.Errorf("cannot start FerretDB on %s: %w", data, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = db.Run(ctx)
	}()
	return func(limit time.Duration) {
		cancel()
		select {
		case <-done:
		case <-time.After(limit):
		}
	}, nil
}
