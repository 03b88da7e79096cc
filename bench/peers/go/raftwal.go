package main

import (
	"fmt"
	"os"
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
	"github.com/hashicorp/raft-wal/metadb"
)

// raftwalStore is hashicorp/raft-wal. Always synced; numbers are given under a lock. Close leaves its database locked,
// so that is closed here.
type raftwalStore struct {
	unable
	logs  []*wal.WAL
	metas []*metadb.BoltMetaDB
	locks []sync.Mutex
	next  []uint64
}

func openRaftwal(t task) store {
	if t.work == "append" && t.sync != "each" {
		cannot("has no mode without sync")
	}
	s := &raftwalStore{locks: make([]sync.Mutex, t.logs), next: make([]uint64, t.logs)}
	for i := range t.logs {
		dir := fmt.Sprintf("%s/%d", t.dir, i)
		must(os.MkdirAll(dir, 0o700))
		meta := &metadb.BoltMetaDB{}
		log, err := wal.Open(dir, wal.WithMetaStore(meta), wal.WithLogger(hclog.NewNullLogger()),
			wal.WithSegmentSize(t.segmentBytes()))
		must(err)
		last, err := log.LastIndex()
		must(err)
		s.logs, s.metas, s.next[i] = append(s.logs, log), append(s.metas, meta), last+1
	}
	return s
}

func (s *raftwalStore) close() {
	for i, log := range s.logs {
		must(log.Close())
		must(s.metas[i].Close())
	}
}

func (s *raftwalStore) append(log, _ int, records payloads, first, n int) {
	s.locks[log].Lock()
	defer s.locks[log].Unlock()
	all := make([]*raft.Log, n)
	for i := range n {
		all[i] = &raft.Log{Index: s.next[log] + uint64(i), Term: 1, Data: records.at(first + i)}
	}
	must(s.logs[log].StoreLogs(all))
	s.next[log] += uint64(n)
}

func (s *raftwalStore) readAll(v visit) {
	var entry raft.Log
	for _, log := range s.logs {
		first, err := log.FirstIndex()
		must(err)
		last, err := log.LastIndex()
		must(err)
		for i := max(first, 1); i <= last; i++ {
			must(log.GetLog(i, &entry))
			v(entry.Data)
		}
	}
}

func (s *raftwalStore) get(i int, v visit) {
	var entry raft.Log
	must(s.logs[0].GetLog(uint64(i)+1, &entry))
	v(entry.Data)
}

func (s *raftwalStore) scan(first, n int, v visit) {
	for i := range n {
		s.get(first+i, v)
	}
}

func (s *raftwalStore) remove(keep int) { must(s.logs[0].DeleteRange(1, s.next[0]-1-uint64(keep))) }
