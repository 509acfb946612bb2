package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLockDataNamesTheHolder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "folder")
	first, err := lockData(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.describe("127.0.0.1:27017", ""); err != nil {
		t.Fatal(err)
	}
	_, err = lockData(data)
	want := fmt.Sprintf("held by process %d, which listens on 127.0.0.1:27017", os.Getpid())
	if !errors.Is(err, errDataInUse) || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %q", err, want)
	}
	first.release()
	second, err := lockData(data)
	if err != nil {
		t.Fatal(err)
	}
	second.release()
}

func TestLockDataRemovesTheSocketOfOneThatWasKilled(t *testing.T) {
	data, socketDir := t.TempDir(), filepath.Join(t.TempDir(), "ferretdb-left")
	if err := os.Mkdir(socketDir, 0o700); err != nil {
		t.Fatal(err)
	}
	left := fmt.Sprintf(`{"pid":1,"socket":%q}`, socketDir)
	if err := os.WriteFile(filepath.Join(data, "lock"), []byte(left), 0o600); err != nil {
		t.Fatal(err)
	}
	lock, err := lockData(data)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.release()
	if _, err := os.Stat(socketDir); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the folder is still there: %v", err)
	}
}
