package flags

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func savedRevision(number uint64, seconds int64) *message {
	at := time.Unix(seconds, 123456789).UTC()
	return &message{
		Revision: Revision{Set: "shop", Number: number, Time: at, Actor: "ada@example.com", Reason: "because"},
		version:  version{at, number},
		data:     []byte(shopDocument),
	}
}

func encoded(t testing.TB, m *message) []byte {
	t.Helper()
	content, err := encodeFile("test", m)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestDecodeFile_givesWhatWasEncoded(t *testing.T) {
	want := savedRevision(7, 1000)
	got, err := decodeFile(encoded(t, want), "test", "shop")
	if err != nil {
		t.Fatal(err)
	}
	if !got.version.equal(want.version) || got.Number != 7 || !got.Time.Equal(want.Time) || got.Actor != want.Actor || got.Reason != want.Reason || !bytes.Equal(got.data, want.data) {
		t.Errorf("got %+v", got)
	}
}

// Wherever a file breaks off and whichever bit of it flips, it is refused.
func TestDecodeFile_refusesEveryDamage(t *testing.T) {
	content := encoded(t, savedRevision(7, 1000))
	for n := range content {
		if _, err := decodeFile(content[:n], "test", "shop"); err == nil {
			t.Fatalf("cut off after %d bytes: no error", n)
		}
	}
	for n := range content {
		for bit := range 8 {
			content[n] ^= 1 << bit
			if _, err := decodeFile(content, "test", "shop"); err == nil {
				t.Fatalf("bit %d of byte %d flipped: no error", bit, n)
			}
			content[n] ^= 1 << bit
		}
	}
}

func TestDecodeFile_saysWhyItRefuses(t *testing.T) {
	good := string(encoded(t, savedRevision(7, 1000)))
	other, err := encodeFile("prod", savedRevision(7, 1000))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, content, want string }{
		{"empty", "", "not a file of this package"},
		{"something else", "{}", "not a file of this package"},
		{"newer format", strings.Replace(good, "flags 1 ", "flags 2 ", 1), "a newer version wrote it"},
		{"half a line", good[:60], "first line is cut off"},
		{"half a document", good[:len(good)-10], "bytes of the document are there"},
		{"more", good + "x", "checksum"},
		{"damage", strings.Replace(good, `"sequence":7`, `"sequence":8`, 1), "checksum"},
		{"another environment", string(other), `of "prod"`},
		{"no revision", string(encoded(t, savedRevision(0, 1000))), "names no revision"},
		{"a long line", fileMagic + " 1 " + strings.Repeat("x", maxFileHeader), "first line is cut off"},
	} {
		if _, err := decodeFile([]byte(row.content), "test", "shop"); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %q", row.name, err, row.want)
		}
	}
	if _, err := decodeFile([]byte(good), "test", "cart"); err == nil || !strings.Contains(err.Error(), `of set "shop"`) {
		t.Errorf("another set: got %v", err)
	}
}

func FuzzDecodeFile(f *testing.F) {
	good := encoded(f, savedRevision(7, 1000))
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(fileMagic + " 2 x y\n"))
	f.Add(fmt.Appendf(nil, "%s %s %064d {}\n", fileMagic, fileVersion, 0))
	f.Fuzz(func(t *testing.T, content []byte) {
		m, err := decodeFile(content, "test", "shop")
		if err != nil {
			return
		}
		// What is taken says of itself that it is whole: only the same again.
		again, err := decodeFile(encoded(t, m), "test", "shop")
		if err != nil || !again.version.equal(m.version) || !bytes.Equal(again.data, m.data) {
			t.Errorf("%+v became %+v, %v", m, again, err)
		}
	})
}
