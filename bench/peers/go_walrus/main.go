// The Go walrus, which is in no registry: compiled with the shared files of ../go beside it, and a checkout.
package main

import (
	"fmt"

	"github.com/l00pss/walrus"
)

// walrusStore is always synced: its configuration cannot be set from outside.
type walrusStore struct {
	unable
	logs []*walrus.WAL
}

func openWalrus(t task) store {
	if t.work == "append" && t.sync != "each" {
		cannot("has no mode without sync that could be chosen")
	}
	s := &walrusStore{}
	for i := range t.logs {
		s.logs = append(s.logs, walrus.Open(fmt.Sprintf("%s/%d", t.dir, i), walrus.DefaultConfig()).Unwrap())
	}
	return s
}

func (s *walrusStore) close() {
	for _, log := range s.logs {
		must(log.Close())
	}
}

func (s *walrusStore) append(log, _ int, records payloads, first, n int) {
	if n == 1 {
		s.logs[log].Append(walrus.Entry{Term: 1, Data: records.at(first)}).Unwrap()
		return
	}
	entries := make([]walrus.Entry, n)
	for i := range n {
		entries[i] = walrus.Entry{Term: 1, Data: records.at(first + i)}
	}
	s.logs[log].WriteBatch(entries).Unwrap()
}

func (s *walrusStore) readAll(v visit) {
	for _, log := range s.logs {
		for i := max(log.GetFirstIndex(), 1); i <= log.GetLastIndex(); i++ {
			v(log.Get(i).Unwrap().Data)
		}
	}
}

func (s *walrusStore) get(i int, v visit) { v(s.logs[0].Get(uint64(i) + 1).Unwrap().Data) }

func (s *walrusStore) view(i int, v visit) { v(s.logs[0].GetZeroCopy(uint64(i) + 1).Unwrap().Data) }

func (s *walrusStore) scan(first, n int, v visit) {
	for _, entry := range s.logs[0].GetRange(uint64(first)+1, uint64(first+n)).Unwrap() {
		v(entry.Data)
	}
}

func main() { drive(taskOfArguments(), openWalrus) }
