package voice

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Even when the check in front of it is passed over, ffmpeg neither opens a connection nor another file.
func TestConverterReachesNothing(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret.wav")
	if err := os.WriteFile(secret, tone(tagPCM, 8000, 1, 16, 1000, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	url := "http://" + server.Addr().String() + "/x.mp3"
	for name, content := range map[string]string{
		"playlist with URL":  "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + url + "\n#EXT-X-ENDLIST\n",
		"playlist with file": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://" + secret + "\n#EXT-X-ENDLIST\n",
		"concat script":      "ffconcat version 1.0\nfile '" + secret + "'\nfile '" + url + "'\n",
		"concat protocol":    "concat:" + secret + "|" + url,
		"SVG":                `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="` + url + `"/></svg>`,
	} {
		for _, format := range []string{MP3, WAV} {
			path := filepath.Join(t.TempDir(), "in")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			in, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			c := Config{FFmpeg: ffmpegPath(t)}.withDefaults()
			err = decode(context.Background(), c, format, in, func(int16) error { n++; return nil })
			if err == nil || n > 0 {
				t.Errorf("%s as %s: %d samples, %v", name, format, n, err)
			}
			if err := in.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := server.(*net.TCPListener).SetDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	conn, err := server.Accept() // every child has ended: a connection would stand in the backlog
	if err == nil {
		t.Errorf("ffmpeg connected from %s", conn.RemoteAddr())
		conn.Close()
	} else if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
}
