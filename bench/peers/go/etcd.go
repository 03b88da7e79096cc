package main

import (
	"fmt"
	"os"
	"sync"

	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
	"go.uber.org/zap"
)

// etcdStore is etcd's wal, which reads everything when it is opened, and nothing else ever.
type etcdStore struct {
	unable
	logs    []*wal.WAL
	entries [][]*raftpb.Entry // what the open has read
	dirs    []string
	locks   []sync.Mutex
	next    []uint64
}

func openEtcd(t task) store {
	if t.sync == "interval" {
		cannot("syncs by no clock")
	}
	wal.SegmentSizeBytes = int64(t.segmentBytes())
	s := &etcdStore{locks: make([]sync.Mutex, t.logs), next: make([]uint64, t.logs)}
	for i := range t.logs {
		dir := fmt.Sprintf("%s/%d", t.dir, i)
		var log *wal.WAL
		var entries []*raftpb.Entry
		var err error
		if _, missing := os.Stat(dir); missing != nil {
			log, err = wal.Create(zap.NewNop(), dir, nil)
			must(err)
		} else {
			log, err = wal.Open(zap.NewNop(), dir, &walpb.Snapshot{})
			must(err)
			_, _, entries, err = log.ReadAll()
			must(err)
		}
		if !t.synced() {
			log.SetUnsafeNoFsync()
		}
		s.logs, s.entries, s.dirs = append(s.logs, log), append(s.entries, entries), append(s.dirs, dir)
		s.next[i] = uint64(len(entries)) + 1
	}
	return s
}

func (s *etcdStore) close() {
	for _, log := range s.logs {
		must(log.Close())
	}
}

func (s *etcdStore) append(log, _ int, records payloads, first, n int) {
	s.locks[log].Lock()
	defer s.locks[log].Unlock()
	entries := make([]*raftpb.Entry, n)
	term := uint64(1)
	for i := range n {
		index := s.next[log] + uint64(i)
		entries[i] = &raftpb.Entry{Term: &term, Index: &index, Data: records.at(first + i)}
	}
	must(s.logs[log].Save(&raftpb.HardState{}, entries))
	s.next[log] += uint64(n)
}

func (s *etcdStore) readAll(v visit) {
	for i, dir := range s.dirs {
		entries := s.entries[i]
		s.entries[i] = nil
		if entries == nil { // again: that is what reading is here
			log, err := wal.OpenForRead(zap.NewNop(), dir, &walpb.Snapshot{})
			must(err)
			_, _, entries, err = log.ReadAll()
			must(err)
			_ = log.Close() // complains that it has no directory open
		}
		for _, entry := range entries {
			v(entry.GetData())
		}
	}
}
