package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

var errDataInUse = errors.New("data folder in use")

// holder is what the lock file says about the process that holds the folder.
type holder struct {
	PID     int    `json:"pid"`
	Address string `json:"address,omitempty"`
}

func (h holder) String() string {
	switch {
	case h.PID == 0:
		return "another process"
	case h.Address == "":
		return fmt.Sprintf("process %d", h.PID)
	default:
		return fmt.Sprintf("process %d, which listens on %s", h.PID, h.Address)
	}
}

// dataLock keeps a second process out of a data folder. The kernel frees it
// with its process, so that a killed one leaves no stale lock.
type dataLock struct {
	file *os.File
}

// lockData makes the folder if need be and takes its lock. If it is taken, the
// error names the holder.
func lockData(data string) (*dataLock, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the data folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(data, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open the lock of the data folder: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer file.Close()
		return nil, fmt.Errorf("%w: %s is held by %s", errDataInUse, data, readHolder(file))
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("cannot lock the data folder %s: %w", data, err)
	}
	lock := &dataLock{file: file}
	if err := lock.write(holder{PID: os.Getpid()}); err != nil {
		lock.release()
		return nil, err
	}
	return lock, nil
}

// describe tells those who come later where this process listens.
func (l *dataLock) describe(address string) error {
	return l.write(holder{PID: os.Getpid(), Address: address})
}

func (l *dataLock) write(h holder) error {
	text, err := json.Marshal(h)
	if err == nil {
		err = l.file.Truncate(0)
	}
	if err == nil {
		_, err = l.file.WriteAt(append(text, '\n'), 0)
	}
	if err != nil {
		return fmt.Errorf("cannot write the lock of the data folder: %w", err)
	}
	return nil
}

// release empties the file but leaves it: removing it would let a third process
// lock a new file while a second one waits at the old.
func (l *dataLock) release() {
	_ = l.file.Truncate(0)
	_ = l.file.Close()
}

// readHolder gives what is known of the holder, nothing if it has not yet said.
func readHolder(file *os.File) holder {
	var h holder
	if text, err := io.ReadAll(file); err == nil {
		_ = json.Unmarshal(text, &h)
	}
	return h
}
