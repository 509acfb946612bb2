package main

import "testing"

func TestCommandIsTheFirstKeyOfTheBody(t *testing.T) {
	body := newMessage(1, 0, 0, "insert")
	documents := []byte{1, 15, 0, 0, 0, 'd', 'o', 'c', 's', 0, 5, 0, 0, 0, 0, 0}
	after := append(append(message{}, body[:headerLength+4]...), documents...)
	after = append(after, body[headerLength+4:]...)

	tests := map[string]struct {
		message message
		want    string
	}{
		"a body alone":            {body, "insert"},
		"a body after documents":  {after, "insert"},
		"documents cut short":     {after[:30], ""},
		"no body":                 {body[:headerLength+4], ""},
		"a name without an end":   {body[:headerLength+10], ""},
		"no flags":                {body[:headerLength], ""},
		"documents without a end": {append(append(message{}, body[:headerLength+4]...), 1, 255, 255, 255, 255, 0), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.message.command(); got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTurnOfWhatIsNotKnownIsAlone(t *testing.T) {
	for command, want := range map[string]turn{
		"find":          turnReading,
		"findAndModify": turnAlone,
		"getMore":       turnFree,
		"hello":         turnFree,
		"insert":        turnAlone,
		"somethingNew":  turnAlone,
		"update":        turnAlone,
	} {
		if got := turnOf(newMessage(1, 0, 0, command)); got != want {
			t.Errorf("%s: got %d, want %d", command, got, want)
		}
	}
}
