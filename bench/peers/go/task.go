package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// task is what is asked of a driver: its arguments, as in ../task.hpp.
type task struct {
	peer, work, dir, sync                   string
	least, most, threads, logs, batch, span int
	count, bytes, segment                   int
	seconds                                 float64
	filled                                  bool
}

func (t task) synced() bool { return t.sync == "each" }

// segmentBytes is so much that no run fills a segment, unless the task says otherwise.
func (t task) segmentBytes() int {
	if t.segment != 0 {
		return t.segment
	}
	return min(t.bytes/t.logs*3/2+64<<20, 1<<30)
}

func taskOfArguments() task {
	t := task{sync: "none", least: 1024, most: 1024, threads: 1, logs: 1, batch: 1, span: 100, bytes: 1 << 30, seconds: 0.25}
	numbers := map[string]*int{"least": &t.least, "most": &t.most, "threads": &t.threads, "logs": &t.logs,
		"batch": &t.batch, "span": &t.span, "count": &t.count, "bytes": &t.bytes, "segment": &t.segment}
	texts := map[string]*string{"peer": &t.peer, "work": &t.work, "dir": &t.dir, "sync": &t.sync}
	for _, argument := range os.Args[1:] {
		name, value, _ := strings.Cut(argument, "=")
		var err error
		switch {
		case numbers[name] != nil:
			*numbers[name], err = strconv.Atoi(value)
		case texts[name] != nil:
			*texts[name] = value
		case name == "seconds":
			t.seconds, err = strconv.ParseFloat(value, 64)
		case name == "filled":
			t.filled = value == "1"
		default:
			err = fmt.Errorf("no such argument: %s", name)
		}
		must(err)
	}
	return t
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// cannot says that the peer has not what it is asked for, and ends.
func cannot(why string) {
	fmt.Printf("{\"cannot\":%q}\n", why)
	os.Exit(0)
}
