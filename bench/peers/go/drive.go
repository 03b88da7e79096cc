package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"sync"
	"time"
)

type visit func(record []byte)

// store is some logs in the task's directory. Entries are counted from 0.
type store interface {
	close()
	append(log, thread int, records payloads, first, n int) // by one call
	readAll(v visit)
	get(i int, v visit)
	view(i int, v visit) // likewise, without a copy
	scan(first, n int, v visit)
	remove(keep int) // whole segments, but those that hold the last so many entries
	replace(records payloads, first, n int)
}

// unable is what a store says to what it does not have.
type unable struct{}

func (unable) get(int, visit)             { cannot("reads nothing by its number") }
func (unable) view(int, visit)            { cannot("copies what it reads") }
func (unable) scan(int, int, visit)       { cannot("reads nothing from a number on") }
func (unable) remove(int)                 { cannot("removes no segments when it is asked to") }
func (unable) replace(payloads, int, int) { cannot("does not cut and append at once") }

type outcome struct {
	appended tally
	seconds  float64
	times    latencies
	others   float64
}

func (o *outcome) report(found, expected tally, before, after int) {
	fmt.Printf("{\"ops\":%d,\"bytes\":%d,\"seconds\":%.9f,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"read_ops\":%d,"+
		"\"read_bytes\":%d,\"same\":%t,\"memory_kib\":%d,\"peak_kib\":%d,\"others\":%.1f}\n",
		o.appended.records, o.appended.bytes, o.seconds, o.times.quantile(0.5), o.times.quantile(0.99),
		o.times.quantile(0.999), found.records, found.bytes, found == expected, max(after-before, 0),
		memory("VmHWM:"), o.others)
}

// race lets threads call until the time is over; one call of `timed` is timed.
func race(t task, records payloads, group, most, timed int, call func(i, thread int)) *outcome {
	var ready, done sync.WaitGroup
	start := make(chan time.Time)
	all := &outcome{}
	var lock sync.Mutex
	var last time.Time
	for thread := range t.threads {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			first := thread * len(records.records) / t.threads
			times := new(latencies)
			ready.Done()
			began := <-start
			end, n := time.Now(), 0
			for n < most && end.Sub(began).Seconds() < t.seconds {
				before := end
				call(first+n, thread)
				n += group
				end = time.Now()
				times.add(end.Sub(before), group)
				for i := 1; i < timed && n < most; i++ {
					call(first+n, thread)
					n += group
				}
				if timed > 1 {
					end = time.Now()
				}
			}
			lock.Lock()
			defer lock.Unlock()
			all.appended.merge(records.of(first, n))
			all.times.merge(times)
			if end.After(last) {
				last = end
			}
		}()
	}
	ready.Wait()
	use := machineNow()
	began := time.Now()
	for range t.threads {
		start <- began
	}
	done.Wait()
	all.seconds = last.Sub(began).Seconds()
	all.others = use.byOthers()
	return all
}

// settle leaves nothing of what went before to be written, or to be used again in place of fresh memory.
func settle(dir string) {
	must(exec.Command("sync", "-f", dir).Run())
	debug.FreeOSMemory()
}

// scattered gives numbers without order.
func scattered(i int) int {
	n := (uint64(i) + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return int((n ^ n>>31) >> 1)
}

func readBack(s store) tally {
	var found tally
	s.readAll(found.add)
	return found
}

func drive(t task, open func(task) store) {
	records := newPayloads(t.least, t.most)
	switch t.work {
	case "append":
		driveAppend(t, records, open)
		return
	case "replace":
		driveReplace(t, records, open)
		return
	}
	expected := records.of(0, t.count)
	if !t.filled {
		quick := t
		quick.sync = "fill"
		s := open(quick)
		most := max(1, min(t.batch, 100))
		for i := 0; i < t.count; i += most {
			s.append(0, 0, records, i, min(most, t.count-i))
		}
		if t.work == "fill" {
			fmt.Println("{}")
			os.Exit(0) // as a kill does it: nothing is closed
		}
		s.close()
	}
	settle(t.dir)
	before := memory("RssAnon:")
	use := machineNow()
	began := time.Now()
	s := open(t)
	took := time.Since(began)
	one := &outcome{appended: expected, seconds: took.Seconds(), others: use.byOthers()}
	one.times.add(took, 1)
	after := memory("RssAnon:")
	if t.work == "open" {
		one.report(readBack(s), expected, before, after)
		return
	}
	if t.work == "drop" {
		began = time.Now()
		s.remove(1)
		one.seconds = time.Since(began).Seconds()
		found := readBack(s)
		left := int(found.records)
		if left < 1 || left >= t.count {
			panic("nothing was removed, or too much")
		}
		one.appended = records.of(0, t.count-left)
		one.report(found, records.of(t.count-left, left), before, after)
		return
	}
	found := readBack(s)
	var done *outcome
	switch t.work {
	case "read":
		done = race(t, records, t.count, 1<<62, 1, func(int, int) { s.readAll(lookAt) })
	case "get":
		done = race(t, records, 1, 1<<62, 16, func(i, thread int) { s.get(scattered(i+thread*7919)%t.count, lookAt) })
	case "view":
		done = race(t, records, 1, 1<<62, 16, func(i, thread int) { s.view(scattered(i+thread*7919)%t.count, lookAt) })
	case "scan":
		done = race(t, records, t.span, 1<<62, 1, func(i, _ int) { s.scan(scattered(i)%(t.count-t.span), t.span, lookAt) })
	default:
		cannot("unknown work")
	}
	done.report(found, expected, before, memory("RssAnon:"))
	s.close()
}

var lookedAt byte

func lookAt(record []byte) {
	if len(record) > 0 {
		lookedAt = record[0] ^ record[len(record)-1]
	}
}

func driveAppend(t task, records payloads, open func(task) store) {
	before := memory("RssAnon:")
	s := open(t)
	var expected tally
	for log := range t.logs { // makes what is made for the first one only
		s.append(log, log%t.threads, records, 0, 1)
		expected.merge(records.of(0, 1))
	}
	average := (t.least + t.most) / 2
	timed := 16
	if t.synced() || average*t.batch > 65536 {
		timed = 1
	}
	most := max(t.bytes/(average+64)/t.threads, t.batch)
	done := race(t, records, t.batch, most, timed, func(first, thread int) {
		s.append(thread%t.logs, thread, records, first, t.batch)
	})
	after := memory("RssAnon:")
	expected.merge(done.appended)
	s.close()
	again := open(t)
	done.report(readBack(again), expected, before, after)
	again.close()
}

func driveReplace(t task, records payloads, open func(task) store) {
	before := memory("RssAnon:")
	s := open(t)
	s.append(0, 0, records, 0, t.batch)
	done := race(t, records, t.batch, t.bytes/((t.least+t.most)/2), 1, func(first, _ int) { s.replace(records, first, t.batch) })
	after := memory("RssAnon:")
	s.close()
	again := open(t)
	done.report(readBack(again), records.of(int(done.appended.records)-t.batch, t.batch), before, after)
	again.close()
}
