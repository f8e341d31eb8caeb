// Command adapter answers the requests of cretula conform (interop/protocol.md) with this implementation.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"runtime"

	"cretula.example/cretula/internal/conform"
)

func main() {
	log.SetFlags(0)
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout) // no Scanner: it ends at a line of 64 KiB
	out.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		var m struct{ Type, ID, Class string }
		if err := json.Unmarshal(line, &m); err != nil {
			log.Fatal(err)
		}
		var answer conform.Object
		switch m.Type {
		case "hello":
			answer = conform.Object{"type": "hello", "protocol": 2, "name": "cretula-go", "version": "0.1.0",
				"platform": runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH, "fixed": true,
				"classes": []string{"sealer", "unsealer", "signer", "verifier", "keyring", "session", "cookie", "device"}}
		case "request":
			answer = conform.Call(m.Class, line)
			answer["id"] = m.ID
		case "bye":
			return
		default:
			log.Fatalf("a message of type %q", m.Type)
		}
		if err := out.Encode(answer); err != nil {
			log.Fatal(err)
		}
	}
}
