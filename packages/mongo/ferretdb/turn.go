package main

// turn says which commands may run at the same time.
type turn int

const (
	// turnAlone is for what changes something, or is not known not to.
	turnAlone turn = iota
	// turnReading is for reads. Each is one statement of SQLite and sees one
	// state, so it may run beside a change; a scan of 10,000 documents takes
	// some 80 ms, which every write would otherwise wait for.
	turnReading
	// turnFree is for what costs next to nothing: a sign of life must come while
	// all others wait. The getMore of a tailing cursor waits for new documents.
	turnFree
)

// turns names FerretDB's commands that change nothing. Its aggregate knows
// neither $out nor $merge.
var turns = map[string]turn{
	"aggregate":       turnReading,
	"count":           turnReading,
	"distinct":        turnReading,
	"find":            turnReading,
	"listCollections": turnReading,
	"listDatabases":   turnReading,
	"listIndexes":     turnReading,

	"buildInfo":        turnFree,
	"buildinfo":        turnFree,
	"connectionStatus": turnFree,
	"endSessions":      turnFree,
	"getMore":          turnFree,
	"hello":            turnFree,
	"isMaster":         turnFree,
	"ismaster":         turnFree,
	"killCursors":      turnFree,
	"ping":             turnFree,
}

func turnOf(request message) turn {
	if request.opCode() == opQuery {
		// FerretDB takes the old OP_QUERY only for handshakes.
		return turnFree
	}
	return turns[request.command()]
}
