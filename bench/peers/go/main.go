// The Go peers. One line of JSON for one task.
package main

func main() {
	t := taskOfArguments()
	switch t.peer {
	case "tidwall-wal":
		drive(t, openTidwall)
	case "hashicorp-raft-wal":
		drive(t, openRaftwal)
	case "etcd-wal":
		drive(t, openEtcd)
	default:
		panic("no such peer: " + t.peer)
	}
}
