package main

import (
	"fmt"
	"sync"

	"github.com/tidwall/wal"
)

// tidwallStore is tidwall/wal. One writer at a time: who appends asks for the next number under a lock.
type tidwallStore struct {
	unable
	logs  []*wal.Log
	locks []sync.Mutex
	next  []uint64
}

func openTidwall(t task) store {
	if t.sync == "interval" {
		cannot("syncs by no clock")
	}
	s := &tidwallStore{locks: make([]sync.Mutex, t.logs), next: make([]uint64, t.logs)}
	for i := range t.logs {
		opts := *wal.DefaultOptions
		opts.NoSync = !t.synced()
		opts.NoCopy = t.work == "view" || t.work == "read" || t.work == "scan"
		opts.SegmentCacheSize = 1000 // with two, reads at random load a segment each
		if t.work == "append" { // it syncs what it has filled, whatever it was told
			opts.SegmentSize = t.segmentBytes()
		}
		log, err := wal.Open(fmt.Sprintf("%s/%d", t.dir, i), &opts)
		must(err)
		last, err := log.LastIndex()
		must(err)
		s.logs, s.next[i] = append(s.logs, log), last+1
	}
	return s
}

func (s *tidwallStore) close() {
	for _, log := range s.logs {
		must(log.Close())
	}
}

func (s *tidwallStore) append(log, _ int, records payloads, first, n int) {
	s.locks[log].Lock()
	defer s.locks[log].Unlock()
	if n == 1 {
		must(s.logs[log].Write(s.next[log], records.at(first)))
	} else {
		var batch wal.Batch
		for i := range n {
			batch.Write(s.next[log]+uint64(i), records.at(first+i))
		}
		must(s.logs[log].WriteBatch(&batch))
	}
	s.next[log] += uint64(n)
}

func (s *tidwallStore) readAll(v visit) {
	for _, log := range s.logs {
		first, err := log.FirstIndex()
		must(err)
		last, err := log.LastIndex()
		must(err)
		for i := max(first, 1); i <= last; i++ {
			data, err := log.Read(i)
			must(err)
			v(data)
		}
	}
}

func (s *tidwallStore) get(i int, v visit) {
	data, err := s.logs[0].Read(uint64(i) + 1)
	must(err)
	v(data)
}

func (s *tidwallStore) view(i int, v visit) { s.get(i, v) }

func (s *tidwallStore) scan(first, n int, v visit) {
	for i := range n {
		s.get(first+i, v)
	}
}

func (s *tidwallStore) remove(keep int) { must(s.logs[0].TruncateFront(s.next[0] - uint64(keep))) }
