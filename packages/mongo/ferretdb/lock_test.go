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
	if err := first.describe("127.0.0.1:27017"); err != nil {
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
