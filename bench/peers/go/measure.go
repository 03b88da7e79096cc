package main

import (
	"hash/crc32"
	"math/bits"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Payloads, tallies, latencies and the use of the machine: as ../../payloads.hpp, latencies.hpp and machine_use.hpp.

type tally struct{ records, bytes, sums uint64 }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (t *tally) add(record []byte) {
	t.merge(tally{1, uint64(len(record)), uint64(crc32.Checksum(record, castagnoli))})
}

func (t *tally) merge(o tally) {
	t.records += o.records
	t.bytes += o.bytes
	t.sums += o.sums
}

type payloads struct{ records [][]byte }

func newPayloads(least, most int) payloads {
	count := max(4, min(256, 64<<20/max(most, 1)))
	random := rand.New(rand.NewSource(int64(most)))
	var p payloads
	for range count {
		record := make([]byte, least+random.Intn(most-least+1))
		random.Read(record)
		p.records = append(p.records, record)
	}
	return p
}

func (p payloads) at(i int) []byte { return p.records[i%len(p.records)] }

func (p payloads) of(first, n int) tally {
	var sum tally
	for i := range min(len(p.records), n) {
		times := uint64(n / len(p.records))
		if i < n%len(p.records) {
			times++
		}
		var one tally
		one.add(p.at(first + i))
		sum.merge(tally{times, one.bytes * times, one.sums * times})
	}
	return sum
}

type latencies struct{ counts [60 << 5]uint64 }

func (l *latencies) add(d time.Duration, calls int) {
	ns := uint64(max(d, 0))
	shift := max(bits.Len64(ns)-6, 0)
	l.counts[shift<<5+int(ns>>shift)] += uint64(calls)
}

func (l *latencies) merge(o *latencies) {
	for i, n := range o.counts {
		l.counts[i] += n
	}
}

// quantile is in microseconds.
func (l *latencies) quantile(part float64) float64 {
	all := uint64(0)
	for _, n := range l.counts {
		all += n
	}
	left := part * float64(all)
	step := 0
	for ; step+1 < len(l.counts); step++ {
		if left -= float64(l.counts[step]); left <= 0 {
			break
		}
	}
	end := step
	if step >= 64 {
		shift := step>>5 - 1
		end = (step-shift<<5+1)<<shift - 1
	}
	return float64(end) / 1000
}

// memory is a line of /proc/self/status, in KiB.
func memory(name string) int {
	status, err := os.ReadFile("/proc/self/status")
	must(err)
	_, rest, _ := strings.Cut(string(status), name)
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	must(err)
	return n
}

type machineUse struct{ all, taken, own float64 }

func machineNow() machineUse {
	stat, err := os.ReadFile("/proc/stat")
	must(err)
	var u machineUse
	const perSecond = 100
	for i, field := range strings.Fields(string(stat))[1:9] {
		ticks, err := strconv.ParseFloat(field, 64)
		must(err)
		u.all += ticks / perSecond
		if i == 0 || i == 1 || i == 7 {
			u.taken += ticks / perSecond
		}
	}
	var used syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	u.own = float64(used.Utime.Sec) + float64(used.Utime.Usec)/1e6
	return u
}

func (before machineUse) byOthers() float64 {
	now := machineNow()
	others := (now.taken - before.taken) - (now.own - before.own)
	if now.all <= before.all {
		return 0
	}
	return max(0, min(100, 100*others/(now.all-before.all)))
}
