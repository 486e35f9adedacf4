// A gateway as people write it in Go: gateway MODE ORIGIN PORT.
package main

import (
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

// passer hands on what it gets, and may flush each piece.
func passer(origin string, flush bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ask, _ := http.NewRequest(r.Method, origin+r.URL.Path, r.Body)
		ask.Header, ask.ContentLength = r.Header, r.ContentLength
		answer, err := http.DefaultClient.Do(ask)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		if !flush {
			io.Copy(w, answer.Body)
			return
		}
		piece := make([]byte, 32<<10)
		for {
			n, err := answer.Body.Read(piece)
			w.Write(piece[:n])
			w.(http.Flusher).Flush()
			if err != nil {
				return
			}
		}
	}
}

func main() {
	mode, origin, address := os.Args[1], os.Args[2], "127.0.0.1:"+os.Args[3]
	target, err := url.Parse(origin)
	if err != nil {
		panic(err)
	}
	handlers := map[string]http.Handler{
		"copy":    passer(origin, false),
		"flush":   passer(origin, true),
		"proxy":   httputil.NewSingleHostReverseProxy(target),
		"timeout": http.TimeoutHandler(passer(origin, false), time.Minute, "too late"),
	}
	panic(http.ListenAndServe(address, handlers[mode]))
}
